"""The version of this distribution, and where it is at home; here alone."""

__version__ = '1.0.0'
REPOSITORY = 'mmseg-bffr/mmseg-bffr'
