"""Images and pairs of them: files, 8 bit from raw infrared and fused values, names."""
