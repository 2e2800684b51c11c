"""`bffr test`."""

from bffr.commands import test
from bffr.commands.run import run_command

if __name__ == '__main__':
    run_command(test)
