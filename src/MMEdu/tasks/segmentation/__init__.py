"""Segmentation: a class for each pixel of a picture. ``spec`` names the parts; no other task comes in.

``data`` and ``samples`` are torch-free; ``learning`` is the torch side, ``evaluation`` the one evaluator.
"""
