"""INT8: calibrate, quantise and measure a finished ONNX file. Knows no task."""
