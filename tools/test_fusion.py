"""`bffr test-fusion`."""

from bffr.commands import test_fusion
from bffr.commands.run import run_command

if __name__ == '__main__':
    run_command(test_fusion)
