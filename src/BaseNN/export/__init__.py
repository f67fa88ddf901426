"""A trained network becomes an ONNX file that runs without torch."""
