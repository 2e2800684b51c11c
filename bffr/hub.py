"""Models on the Hugging Face Hub, by `huggingface_hub`; the extra `hub` brings it."""

import os
import shutil
from pathlib import Path
from typing import Any

from bffr.errors import InputError, require_installed
from bffr.models.exported import FILE, METADATA, load_exported
from bffr.models.model import Model
from bffr.version import REPOSITORY

require_installed('huggingface_hub', extra='hub')

from huggingface_hub import ModelCard, ModelCardData, ModelHubMixin, snapshot_download  # noqa: E402

CARD = 'README.md'

USE = """```
pip install 'bffr[hub]'
```

```python
from bffr.hub import HubModel

model = HubModel.from_pretrained('OWNER/NAME')  # where this page is
fused = model.fuse('visible.png', 'infrared.png')  # uint8 (H, W, 3); channels B, G, R
```
"""


class HubModel(Model, ModelHubMixin):
    """A `bffr.Model`, exported, that can be fetched from the Hub and pushed to it.

    Args:
        folder: What `bffr export` or `save_pretrained` wrote.
        engine, device, threads: See `bffr.load`.

    Raises:
        InputError: As `bffr.load`.
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        engine: str | None = None,
        device: str | None = None,
        threads: int | None = None,
    ):
        model = load_exported(folder, engine, device, threads)
        super().__init__(model.engine, model.metadata)
        self._folder = Path(folder)
        self._hub_mixin_config = {'library': 'bffr', 'version': model.metadata['version']}

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike, **options: Any) -> 'HubModel':
        """Fetch a model.

        Args:
            name: OWNER/NAME on the Hub, or a folder that `save_pretrained` wrote.
            options: `engine`, `device`, `threads`, and `revision`, `token`, `cache_dir`,
                `force_download` and `local_files_only` of `huggingface_hub`.

        Raises:
            InputError: It is not there, cannot be reached, or is no exported model.
        """
        try:
            return super().from_pretrained(name, **options)
        except InputError:
            raise
        except (OSError, ValueError) as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise InputError(
                f'{name}: cannot be fetched from the Hub ({reason}); check the name and the '
                f'network, and log in by `hf auth login` if it is private.'
            ) from None

    @classmethod
    def _from_pretrained(cls, *, model_id, revision, cache_dir, force_download, local_files_only,
                         token, **options):  # fmt: skip
        if not Path(model_id).is_dir():
            model_id = snapshot_download(
                model_id, revision=revision, cache_dir=cache_dir, force_download=force_download,
                local_files_only=local_files_only, token=token,
                allow_patterns=[FILE, METADATA, CARD],
            )  # fmt: skip
        return cls(model_id, **options)

    def _save_pretrained(self, save_directory: Path) -> None:
        for name in (FILE, METADATA):
            shutil.copyfile(self._folder / name, save_directory / name)

    def generate_model_card(self, *args: Any, **kwargs: Any) -> ModelCard:
        """The folder's own card, or one of the metadata, in the form of the Hub."""
        file = self._folder / CARD
        text = file.read_text(encoding='utf-8') if file.is_file() else self._described()
        if text.startswith('---'):  # it comes from the Hub
            return ModelCard(text)
        found = {'labels': ['image-segmentation'], 'boxes': ['object-detection'], None: []}
        data = ModelCardData(
            license=self.metadata['license'].partition(';')[0].lower() or None,
            library_name='bffr',
            pipeline_tag='image-to-image',
            tags=['image-fusion', 'infrared', 'thermal', 'onnx', *found[self.finds]],
        )
        home = f'](https://github.com/{REPOSITORY}/blob/main/'
        text = text.replace('](../../../', home).replace('](../', f'{home}bffr/zoo/')
        title, _, rest = text.partition('\n')
        return ModelCard(f'---\n{data.to_yaml()}\n---\n{title}\n\n{USE}\n{rest}')

    def _described(self) -> str:
        known = dict(self.metadata, classes=', '.join(self.classes) or 'none: it only fuses')
        shown = 'license', 'classes', 'min_size', 'infrared', 'precision', 'opset', 'version'
        rows = [f'| {name} | {known[name]} |' for name in shown]
        lines = '# An infrared-visible image fusion model', '| | |', '|---|---|', *rows
        return '\n'.join(lines) + '\n'
