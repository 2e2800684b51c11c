"""Fusing files: pairs, folders, videos, live sources, archives."""
