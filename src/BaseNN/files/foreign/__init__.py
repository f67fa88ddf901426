"""Files of the original hold whole modules: read as inert nodes with tensors, rebuilt by our own layers."""
