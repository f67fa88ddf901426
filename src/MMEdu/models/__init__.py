"""Models: a registry that needs no torch to be listed, and one file per architecture family that builds them.

Nothing here knows of training; ``MMEdu.engine`` and the documented classes call ``registry.find`` and ``entry.build``.
"""
