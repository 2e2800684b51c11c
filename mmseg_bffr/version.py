"""The version of the package; that of its distribution is in setup.py."""

__version__ = '0.1.0'
