"""Trained models leave the training machine here: a file per format, one that measures, one that makes 8 bits of 32.

``convert`` and ``quantize`` conduct; nothing of this package is imported before a model is exported.
"""
