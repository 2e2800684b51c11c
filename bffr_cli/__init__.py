"""The command line, `bffr`: parsers that import neither torch nor mmseg; the library does the work.

A command is a module with `make_parser()` and `main(args)`, which imports what it needs.
"""
