"""Check all images and labels that a config names; exit status 1 if something is wrong."""

import argparse

from arguments import parse, run


def main():
    """Parse the command line and check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', metavar='CONFIG', help='config file')
    parser.add_argument('--workers', type=int, metavar='N', help='threads (default: one a CPU)')
    parser.add_argument(
        '--cfg-options', nargs='+', default=(), metavar='KEY=VALUE', help='override the config'
    )
    args = parse(parser)
    from mmseg_bffr.apis import check_data

    check_data(args.config, cfg_options=args.cfg_options, workers=args.workers)


if __name__ == '__main__':
    run(main)
