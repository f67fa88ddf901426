"""Boxes drawn in projects of kind "find": kept as COCO in the project's folder, made into sets for a detector.

``boxes`` holds them, ``coco_file`` is the file, ``prepared`` divides them for a training, ``exchange`` takes COCO in
and gives it out, ``advice`` says in sentences how far one is.
"""
