"""Segmenters, a folder for each. What lies directly here is imported by ``MMEdu.models.registry``, without torch.

A network maps images to logits (N, classes, h, w) that cover its whole input. Pictures, losses and training stay out.
"""

DOCUMENTED_CLASS = "MMSegmentation"
"""The class by which users choose these models, for hints."""
