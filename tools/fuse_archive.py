"""`bffr fuse-archive`."""

from bffr_cli import fuse_archive
from bffr_cli.run import run_command

if __name__ == '__main__':
    run_command(fuse_archive)
