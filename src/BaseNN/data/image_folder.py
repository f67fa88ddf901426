"""``ImageFolderDataset``: class folders as a data set that one can index."""

from __future__ import annotations


class ImageFolderDataset:
    """Pictures of class folders with their labels."""
