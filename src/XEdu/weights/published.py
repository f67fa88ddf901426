"""A published file: what it is, whose it is, and where it can be had. Plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

ORIGIN = ("source", "licence")
"""Properties of a converted file: package and member that it was made of, and whose licence it is under."""


@dataclass(frozen=True)
class Download:
    """A file on a server of its own.

    Attributes:
        url: Its address.
    """

    url: str


@dataclass(frozen=True)
class WheelTags:
    """For which Python a wheel was built; a wheel of networks serves any, as nothing of it is run.

    Attributes:
        python: Its version, e.g. ``"3.11"``.
        abi: E.g. ``"cp311"``.
        platform: E.g. ``"manylinux_2_28_x86_64"``.
    """

    python: str
    abi: str
    platform: str


@dataclass(frozen=True)
class Wheel:
    """A file inside a wheel of the package index. Of the wheel nothing is installed or run.

    Attributes:
        package: The package's name there.
        version: Which one has the file.
        member: The file's path inside the wheel, with ``/``.
        sha256: Of the wheel; empty where the member's is enough.
        tags: Which of the package's wheels; None: there is one for all.
    """

    package: str
    version: str
    member: str
    sha256: str = ""
    tags: WheelTags | None = None

    @property
    def requirement(self) -> str:
        """As pip takes it."""
        return f"{self.package}=={self.version}"

    @property
    def options(self) -> tuple[str, ...]:
        """What tells pip which of the package's wheels is meant."""
        if self.tags is None:
            return ()
        tags = self.tags
        python = ("--implementation", "cp", "--python-version", tags.python)
        return ("--platform", tags.platform, *python, "--abi", tags.abi)

    @property
    def file_pattern(self) -> str:
        """What the wheel's file is called, with ``*`` for what is not known."""
        tags = "*" if self.tags is None else f"*-{self.tags.abi}-{self.tags.platform}"
        return f"{self.package.replace('-', '_')}-{self.version}-{tags}.whl"


@dataclass(frozen=True)
class Conversion:
    """How a published file becomes the one that is used.

    Attributes:
        sha256: Of the published file.
        convert: Takes its bytes, gives those of the file that is kept; raises an ``XEduError`` where it cannot.
    """

    sha256: str
    convert: Callable[[bytes], bytes]


@dataclass(frozen=True)
class PublishedFile:
    """A file that can be had.

    Attributes:
        file_name: The file, as it is called in the folder of weights.
        size: In bytes.
        sha256: The first digits of its SHA-256 that are known, or all 64.
        licence: Of the weights, as their authors state it.
        origin: Where it can be had.
        conversion: How it is made of the file that lies there; None where that is the one.
    """

    file_name: str
    size: int
    sha256: str
    licence: str
    origin: Download | Wheel
    conversion: Conversion | None = field(default=None, kw_only=True)

    @property
    def url(self) -> str:
        """Its address on a server of its own; empty where it has none."""
        return self.origin.url if isinstance(self.origin, Download) else ""

    @property
    def package(self) -> str:
        """The package that carries it, as pip takes it; empty where none does."""
        return self.origin.requirement if isinstance(self.origin, Wheel) else ""
