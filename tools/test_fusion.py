"""`bffr test-fusion`."""

from bffr_cli import test_fusion
from bffr_cli.run import run_command

if __name__ == '__main__':
    run_command(test_fusion)
