"""`bffr train`."""

from bffr.commands import train
from bffr.commands.run import run_command

if __name__ == '__main__':
    run_command(train)
