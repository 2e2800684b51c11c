"""Fusing an archive: pairs of two folders or of tar shards, on all machines of a Ray cluster."""

import contextlib
import itertools
import os
import posixpath
import re
import sys
import tarfile
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2
import fsspec
from fsspec.implementations.local import LocalFileSystem
from tqdm import tqdm

from bffr.errors import InputError
from bffr.fusing.fuse_options import FuseOptions
from bffr.fusing.fuse_pair import fuse_pair
from bffr.images.matching import by_stem, match_stems
from bffr.images.stretch import STRETCHES
from bffr.models.model import Model

Source = dict[str, str]
"""`target`, a path within the results, and the URLs `vis` and `ir` of a pair or `shard` of many."""

_MEMBER = re.compile(r'(?:\./)?((?:[^/.][^/]*/)*[^/.][^/]*)\.(vis|ir)\.\w+')
_TASKS = 10_000  # at most; of a worker that is killed, one is done again, less what it has written


def folder_sources(vis: str, ir: str, out: str) -> list[Source]:
    """The pairs of two folders by stem.

    Raises:
        InputError: As `match_stems`, the two are one, or `out`, for results, is one of them.
    """
    inputs = [_place(folder) for folder in (vis, ir)]
    if inputs[0] == inputs[1]:
        raise InputError(f'{vis}: is given as visible and as infrared; give both.')
    if _place(out) in inputs:
        raise InputError(f'{out}: holds input images; choose another folder for results.')
    return [
        dict(target=stem, vis=visible, ir=infrared)
        for stem, visible, infrared in match_stems(vis, ir, index=_index_images)
    ]


def _place(folder: str) -> tuple[fsspec.AbstractFileSystem, str]:
    files, path = fsspec.url_to_fs(folder)
    return files, os.path.realpath(path) if isinstance(files, LocalFileSystem) else path


def _index_images(folder: str) -> dict[str, str]:
    try:
        paths = fsspec.url_to_fs(folder)[0].ls(folder, detail=False)
    except OSError:
        raise InputError(f'{folder}: is not a folder of images.') from None
    return by_stem(f'{folder.rstrip("/")}/{posixpath.basename(path)}' for path in paths)


def shard_sources(shards: Sequence[str]) -> list[Source]:
    """Tar files with pairs as WebDataset has them, KEY.vis.SUFFIX beside KEY.ir.SUFFIX.

    Raises:
        InputError: Two have the same stem, which is the folder of their results.
    """
    sources = {Path(shard).stem: shard for shard in shards}
    if len(sources) < len(shards):
        raise InputError(f'{", ".join(shards)}: some have the same stem; rename all but one.')
    return [dict(target=stem, shard=shard) for stem, shard in sources.items()]


def fuse_archive(
    load_model: Callable[[], Model],
    sources: Sequence[Source],
    out: str,
    options: FuseOptions,
    workers: int | None = None,
    cpus: float = 1,
    gpus: float = 0,
) -> None:
    """Fuse what has no result yet; what fails is passed by and told at the end.

    Results appear whole, so after workers, or all, are killed, this goes on where it was. Runs on
    the Ray cluster that the variable RAY_ADDRESS names, or else on this machine.

    Args:
        load_model: Called once a worker, and once before so that a mistake is told early.
        sources: From `folder_sources` or `shard_sources`.
        out: Path or URL of a folder for STEM.png or SHARD/KEY.png and, with `seg`, ..._labels.png.
        options: Of which `seg`, `stretch` (but not `sequence`), `infrared` and `align` count here.
        workers: How many processes; by default as many as the cluster has room for.
        cpus, gpus: Cores and GPUs of each, or a share of one.

    Raises:
        InputError: The model does not segment but should, the labels of a pair would be the fused
            image of another, or a pair or shard failed.
    """
    targets = {source['target'] for source in sources}
    end = f'_{options.finds}'
    twice = sorted(f'{target}{end}' for target in targets if f'{target}{end}' in targets)
    if options.finds and twice:
        raise InputError(
            f'{", ".join(twice)}: results of other pairs have these names, too; rename the pairs.'
        )
    import ray.data

    model = load_model()
    if options.finds:
        model.require(options.finds)
    del model
    # One task at a time: the first worker to be there must not queue shards that others could take.
    pool = ray.data.ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=1)
    blocks = min(len(sources), _TASKS)
    results = ray.data.from_items(sources, override_num_blocks=blocks).flat_map(
        ArchiveFuser,
        fn_constructor_args=(load_model, out, options),
        compute=pool,
        num_cpus=cpus,
        num_gpus=gpus,
    )
    failed = [row['failed'] for row in results.iter_rows()]
    for message in failed:
        tqdm.write(f'failed: {message}', file=sys.stderr)
    if failed:
        raise InputError(f'{len(failed)} pair(s) or shard(s) failed; they are named above.')


class ArchiveFuser:
    """What a worker does with sources; see `fuse_archive`."""

    def __init__(self, load_model: Callable[[], Model], out: str, options: FuseOptions):
        self._model, self._options = load_model(), options
        self._range_of = STRETCHES[options.stretch or 'image']()
        self._files, self._out = fsspec.url_to_fs(out)

    def __call__(self, source: Source) -> list[dict[str, str]]:
        """Fuse what has no result yet; returns dicts whose sentence `failed` says what fails."""
        failed, seen, end = [], set(), f'_{self._options.finds}'
        with _told(source.get('shard', ''), failed):
            for target, files in _pairs(source):
                with _told(target, failed):
                    others = {f'{target}{end}', target.removesuffix(end)} - {target}
                    if self._options.finds and others & seen:
                        raise InputError(
                            f'has results that are named as those of {", ".join(others & seen)}; '
                            f'rename the pair.'
                        )
                    seen.add(target)
                    self._fuse(target, files)
        return [{'failed': message} for message in failed]

    def _fuse(self, target: str, files: Mapping[str, Callable[[], bytes]]) -> None:
        ends = ['', *[f'_{self._options.finds}'] * bool(self._options.finds)]
        results = [f'{self._out}/{target}{end}.png' for end in ends]
        if all(map(self._files.exists, results)):
            return
        if len(files) < 2:
            raise InputError('has only one of .vis. and .ir.; add the other.')
        with tempfile.TemporaryDirectory() as folder:
            pair = [Path(folder, kind) for kind in ('vis', 'ir')]
            for path in pair:
                path.write_bytes(files[path.name]())
            try:
                make, _ = fuse_pair(self._model, *pair, self._options, self._range_of)
                images = make()
            except InputError as error:
                raise InputError(str(error).replace(f'{folder}/', '')) from None
        for result, image in zip(results, images, strict=True):
            folder, name = posixpath.split(result)
            written = f'{folder}/.{name}.{uuid.uuid4().hex}.partial'
            self._files.makedirs(folder, exist_ok=True)
            self._files.pipe_file(written, cv2.imencode('.png', image)[1].tobytes())
            self._files.mv(written, result)


@contextlib.contextmanager
def _told(name: str, failed: list[str]) -> Iterator[None]:
    """Add a sentence to `failed` if anything fails: engines and file systems have many errors."""
    try:
        yield
    except Exception as error:
        kind = '' if isinstance(error, InputError) else f'{type(error).__name__}: '
        failed.append(f'{name}: {kind}{error}')


def _pairs(source: Source) -> Iterator[tuple[str, dict[str, Callable[[], bytes]]]]:
    """Targets, each with what reads `vis` and `ir`, so that those that are there need not."""
    if 'shard' not in source:
        urls = {kind: source[kind] for kind in ('vis', 'ir')}
        readers = {k: partial(fsspec.url_to_fs(url)[0].cat_file, url) for k, url in urls.items()}
        yield source['target'], readers
        return
    with fsspec.open(source['shard']) as file, tarfile.open(fileobj=file) as shard:
        matches = ((_MEMBER.fullmatch(member.name), member) for member in shard)
        named = ((*match.groups(), member) for match, member in matches if match)
        key = None
        for key, files in itertools.groupby(named, lambda item: item[0]):
            readers = {kind: shard.extractfile(member).read for _, kind, member in files}
            yield f'{source["target"]}/{key}', readers
        shard.fileobj.seek(shard.offset)
        if shard.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise InputError('is damaged or cut off; replace it.')
        if key is None:
            raise InputError('holds no KEY.vis.SUFFIX beside KEY.ir.SUFFIX.')
