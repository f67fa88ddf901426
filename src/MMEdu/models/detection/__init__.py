"""One-stage detectors: SSD_Lite, YOLOv3 and its light form, with anchors, assignment, losses and heads for export.

Registry and tasks build them; pictures, files and training stay out. Two-stage detectors live elsewhere.
"""
