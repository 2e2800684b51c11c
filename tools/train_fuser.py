"""`bffr train-fuser`."""

from bffr.commands import train_fuser
from bffr.commands.run import run_command

if __name__ == '__main__':
    run_command(train_fuser)
