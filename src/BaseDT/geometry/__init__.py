"""Boxes, masks, and where a picture lies in a network's input: numpy and OpenCV. No file, no result, no torch.

Everybody may call it, by module: ``from BaseDT.geometry import boxes, masks, nms``.
"""
