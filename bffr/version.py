"""The version of this distribution; here alone."""

__version__ = '1.0.0'
