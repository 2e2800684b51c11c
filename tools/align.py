"""`bffr align`."""

from bffr_cli import align
from bffr_cli.run import run_command

if __name__ == '__main__':
    run_command(align)
