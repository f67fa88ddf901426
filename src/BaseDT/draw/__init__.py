"""Results onto pictures: labels, boxes, masks, skeletons, contact sheets, heat maps, maps of points.

OpenCV draws shapes, Pillow text. Everybody may call it. Arrays come in and go out; files, windows and figures with axes
stay out.
"""

from __future__ import annotations

from BaseDT.draw.boxes import BoxLabel, detections, label_boxes
from BaseDT.draw.counting import direction_words, totals, with_line
from BaseDT.draw.heat import heat_layer, heatmap
from BaseDT.draw.label_list import multi_label
from BaseDT.draw.labels import classification
from BaseDT.draw.masks import mask_colour, segmentation
from BaseDT.draw.scatter import scatter
from BaseDT.draw.sheet import TILE, Tile, contact_sheet, thumbnail
from BaseDT.draw.skeleton import keypoints, put_skeleton
from BaseDT.draw.text import Colour, class_colour, shown_name
from BaseDT.draw.text_lines import text_lines

__all__ = [
    "TILE",
    "BoxLabel",
    "Colour",
    "Tile",
    "class_colour",
    "classification",
    "contact_sheet",
    "detections",
    "direction_words",
    "heat_layer",
    "heatmap",
    "keypoints",
    "label_boxes",
    "mask_colour",
    "multi_label",
    "put_skeleton",
    "scatter",
    "segmentation",
    "shown_name",
    "text_lines",
    "thumbnail",
    "totals",
    "with_line",
]
