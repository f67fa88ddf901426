"""A published file of weights that a training can start from. Plain data."""

from __future__ import annotations

import re
from dataclasses import dataclass

from BaseDT.preprocess import Preprocess
from XEdu.weights.published import PublishedFile

DOWNLOADS = "https://download.pytorch.org/models"
"""Where torchvision's files lie."""

_DIGITS = re.compile(r"-([0-9a-f]{8,64})\.[a-z]+$")


@dataclass(frozen=True)
class Weights(PublishedFile):
    """A file of weights that can be had; ``size`` of torchvision's is known to about a thousandth of a MiB.

    Attributes:
        source: What its authors call the network.
        tag: What ``pretrained=`` calls it: torchvision's name of the recipe that it was trained with, or ours.
        preprocess: How the recipe makes an input of a picture.
        classes: Names by label; none where the file has no head.
    """

    source: str
    tag: str
    preprocess: Preprocess
    classes: tuple[str, ...]


def digits_of(file_name: str) -> str:
    """Return the first digits of a file's SHA-256, as torchvision writes them into its name; empty without any."""
    match = _DIGITS.search(file_name)
    return match.group(1) if match else ""
