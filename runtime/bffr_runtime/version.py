"""The version of this package and of mmseg_bffr; here alone."""

__version__ = '1.0.0rc1'
