"""One file per family of sources, each with its ``TABLES``: data only, without torch."""

OTHER_FORMS = {"Yolov3": ("Yolov3_MobileNet",), "RegNet": ("RegNet_384",)}
"""Names that stand for several networks elsewhere: which one a file holds is told from its weights."""
