"""Images as files and arrays: reading, pairs, raw infrared, the stretch."""
