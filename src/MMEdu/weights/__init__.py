"""Foreign and stored weights: how files of other projects are read, recognised and given our names.

It knows the models and the form of checkpoints; it knows no task's training, and nothing here runs code from a file.
"""
