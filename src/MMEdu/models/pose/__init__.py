"""Models of keypoints, a folder for each. ``MMEdu.models.registry`` imports what lies directly here, without torch.

A folder's ``__init__`` registers what ``network`` builds; ``parts`` holds what both share, and what they learn
from points. Pictures, files and training stay out.
"""

DOCUMENTED_CLASS = "MMPose"
"""The class by which users choose these models, for hints."""
