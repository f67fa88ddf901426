"""Files of networks: ours (tensors and plain data), and those of the original, read without running them."""
