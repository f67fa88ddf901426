"""``ImageLoader``: class folders of pictures as rows of numbers (HOG, LBP, pixels) for classic algorithms."""

from __future__ import annotations


class ImageLoader:
    """Pictures of two folders as feature rows with labels."""
