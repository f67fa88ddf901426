"""Classifiers, a file or a folder for each family. What lies directly here is imported by ``MMEdu.models.registry``.

So it has to be torch-free at import: a network of our own is a folder whose ``__init__`` registers what ``network``
builds. ``parts`` holds what several share.
"""

DOCUMENTED_CLASS = "MMClassification"
"""The class by which users choose these models, for hints."""
