"""Build the page that fuses in the browser: `python docs/browser/build.py OUT`.

It needs Node.js. `npm` brings ONNX Runtime Web, a decoder of PNGs and the bundler; what is written
asks nobody for anything, and any web server can give it out.
"""

import argparse
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from bffr.models.zoo import exported_folder, full_name

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / 'bffr/web/examples'


def build(out: Path) -> None:
    """Write the page to a folder, which is made."""
    with TemporaryDirectory() as temporary:
        work = Path(temporary)
        for name in ('package.json', 'page.js', 'worker.js', 'images.js'):
            shutil.copy(HERE / name, work)
        npm = ['npm', 'install', '--silent', '--no-audit', '--no-fund', '--no-package-lock']
        subprocess.run(npm, cwd=work, check=True)
        bundle = ['npx', 'esbuild', 'page.js', 'worker.js', '--bundle', '--minify', '--format=esm']
        bundle += ['--log-level=error', f'--outdir={out.resolve()}']
        subprocess.run(bundle, cwd=work, check=True)
        engine = work / 'node_modules/onnxruntime-web/dist'
        for file in engine.glob('ort-wasm-simd-threaded.[mw]*'):
            shutil.copy(file, out)
    for kind in ('visible', 'infrared'):
        shutil.copy(EXAMPLES / f'night_{kind}.png', out)
    shutil.copy(exported_folder(full_name('content-xt')) / 'model.onnx', out)
    shutil.copy(HERE / 'index.html', out)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', type=Path, help='folder to write to')
    build(parser.parse_args().out)
