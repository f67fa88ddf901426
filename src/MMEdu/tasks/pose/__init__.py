"""Keypoints: persons, hands or things with named points. ``spec`` describes the task; the other files are its parts.

What ``BaseDT`` and ``XEdu`` know of points, these do not repeat; another task's files stay out.
"""
