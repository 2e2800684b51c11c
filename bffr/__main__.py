"""`bffr COMMAND ...`, which is `python -m bffr COMMAND ...`, too."""

import argparse
import sys
from importlib import import_module
from types import ModuleType

from bffr.commands import COMMANDS
from bffr.commands.run import ends_with_its_reader, run_command
from bffr.version import __version__


def make_parser() -> argparse.ArgumentParser:
    """The parser of the first word."""
    lines = [f'  {name:<12} {module_of(name).__doc__.splitlines()[0]}' for name in COMMANDS]
    parser = argparse.ArgumentParser(
        'bffr',
        description='Fuse visible and infrared images, and train and compare fusion models.',
        epilog='\n'.join(
            ['commands:', *lines, '', 'bffr COMMAND --help lists the options of a command.']
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--version', action='version', version=__version__)
    parser.add_argument('command', metavar='COMMAND', choices=COMMANDS, help='one of those below')
    return parser


def module_of(command: str) -> ModuleType:
    """The module of a command."""
    return import_module(f'bffr.commands.{command.replace("-", "_")}')


def main() -> None:
    """Run the command that the command line names."""
    with ends_with_its_reader():
        parser = make_parser()
        if not sys.argv[1:]:
            parser.print_help(sys.stderr)
            sys.exit(2)
        command = parser.parse_args(sys.argv[1:2]).command
    run_command(module_of(command), sys.argv[2:], f'bffr {command}')


if __name__ == '__main__':
    main()
