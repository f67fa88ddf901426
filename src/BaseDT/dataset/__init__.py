"""Data sets on disk: ImageNet-style folders are read, completed and checked. Tasks and the command line call it.

``imagenet.load`` reads a folder, ``check.check_images`` opens every picture once. No training, no tensors.
"""
