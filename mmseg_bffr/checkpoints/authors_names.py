"""Names in the files that authors of other fusers give away, and what they are called here."""

from collections.abc import Mapping

from torch import Tensor


def rename_parts(weights: dict[str, Tensor], prefix: str, table: Mapping[str, str | None]) -> None:
    """Rename, in place, the parts between the dots of the names that begin with `prefix`.

    Args:
        weights: Tensors by name.
        prefix: Of the module's parameters, as torch passes it; it stays.
        table: Their part -> ours. Where ours is empty, the part is left out; where it is None, the
            whole tensor. No part that results may be one of theirs, so that current names stay.
    """
    for name in [name for name in weights if name.startswith(prefix)]:
        tensor = weights.pop(name)
        parts = [table.get(part, part) for part in name.removeprefix(prefix).split('.')]
        if None not in parts:
            weights[prefix + '.'.join(filter(None, parts))] = tensor
