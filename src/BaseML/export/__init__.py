"""A trained model becomes an ONNX file that runs without scikit-learn."""
