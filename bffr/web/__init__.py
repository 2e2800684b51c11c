"""A web page that fuses pairs, which Gradio makes: what `bffr web` serves."""

from .serving import serve

__all__ = ['serve']
