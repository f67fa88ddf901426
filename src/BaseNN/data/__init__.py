"""Reading what is learned from: pictures, tables, ``.npz``, arrays. Torch-free."""
