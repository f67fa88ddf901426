"""Weights on their way into a network: our checkpoints, downloads of pretrained weights, other projects' files.

``opening`` is the door to any file. ``native`` reads ours; ``foreign`` is imported only for a file that is not ours.
Nothing here knows how a task is trained, and nothing runs code from a file.
"""
