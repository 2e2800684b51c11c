"""Fusing files: images, folders, videos, archives."""
