"""What kinds of output are made of: how raw arrays are read."""
