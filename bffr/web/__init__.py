"""A web page that fuses pairs, which Gradio makes: what `bffr web` serves."""
