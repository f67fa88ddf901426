"""XEdu.presets: tasks that need no training: hands, faces, bodies, persons, text. No torch; ``Workflow`` is the door.

Anchors, regions, tracking and smoothing are ours; the networks are published ones, whose weights ``files`` obtains.
"""
