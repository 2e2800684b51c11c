"""The engines that run exported models; a new one is a file here and its name below.

A module has `open_model(file, precision, device, threads)`, which returns an `Engine`.
"""

ENGINES = 'onnxruntime', 'openvino'
"""Names, which are those of the modules; the first is the default."""
