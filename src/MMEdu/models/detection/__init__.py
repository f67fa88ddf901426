"""Detectors, a folder for each. What lies directly here is imported by ``MMEdu.models.registry``, without torch.

A folder's ``__init__`` registers what ``network`` builds; ``parts`` holds what several share: anchors, assignment,
boxes, NMS, heads of one and of two stages. Pictures, files and training stay out.
"""

DOCUMENTED_CLASS = "MMDetection"
"""The class by which users choose these models, for hints."""
