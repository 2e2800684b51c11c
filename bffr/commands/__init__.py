"""The commands: a file each, with `make_parser()` and `main(args)`, which imports what it needs.

What a command does is the docstring of its file, which `--help` shows.
Parsers import nothing but the standard library, so that `--help` is quick.
"""

COMMANDS = (
    *('fuse', 'fuse-archive', 'align', 'eval', 'sheet', 'web', 'configs'),
    *('train-fuser', 'train', 'test-fusion', 'test', 'check', 'plot', 'downstream'),
    *('export', 'publish', 'train-zoo'),
)
"""Names; a command is in the file of its name, `_` for `-`."""
