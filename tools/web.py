"""`bffr web`."""

from bffr_cli import web
from bffr_cli.run import run_command

if __name__ == '__main__':
    run_command(web)
