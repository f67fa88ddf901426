"""What a target is, and what counts as a finding. No limits here: those are ``worker``'s and ``driver``'s."""

from __future__ import annotations

import contextlib
import os
import traceback
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from BaseDT.errors import XEduError

SOURCES = ("BaseDT", "BaseDeploy", "MMEdu", "XEdu")


class Target(Protocol):
    """Something that can be attacked. Made once with a folder of its own, then called for every case."""

    def __call__(self, rng: np.random.Generator) -> None:
        """Throw one case at the product; whatever the product raises comes out."""
        ...

    @property
    def thrown(self) -> bytes | str:
        """What the last case was, to look at."""
        ...


@dataclass(frozen=True)
class Finding:
    """A case that ended otherwise than with a result or an error of ours.

    Attributes:
        target: Its name.
        seed: Of the run.
        number: Of the case.
        what: The exception's type and text, or what else happened.
        place: The last line of the product that it came through; findings of one place are one fault.
        trace: The traceback.
    """

    target: str
    seed: int
    number: int
    what: str
    place: str = ""
    trace: str = ""


def generator(target: str, seed: int, number: int) -> np.random.Generator:
    """Return the source of chance of one case: the same arguments give the same case on every machine."""
    return np.random.default_rng([seed, zlib.crc32(target.encode()), number])


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work in a folder; ``contextlib.chdir`` is new in Python 3.11."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def judge(target: Target, name: str, seed: int, number: int) -> Finding | None:
    """Run one case; None where it ended with a result or an error of ours.

    The documented functions answer arguments that are missing, unknown or too many with -305 and -501; of all others
    Python's own ``TypeError`` says it as well, and no line of the product was reached then.
    """
    try:
        target(generator(name, seed, number))
    except XEduError as error:
        return None if error.code and error.message else _finding(error, name, seed, number)
    except Exception as error:  # noqa: BLE001 — whatever it is, it has no name
        finding = _finding(error, name, seed, number)
        return None if isinstance(error, TypeError) and not finding.place else finding
    return None


def _finding(error: BaseException, name: str, seed: int, number: int) -> Finding:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_ours(frame.filename)]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else ""
    try:
        words = str(error)[:300]
    except ValueError:  # a number with more digits than Python writes
        words = ""
    trace = "".join(traceback.format_exception(error, limit=-12))[-6000:]
    return Finding(name, seed, number, f"{type(error).__name__}: {words}", place, trace)


def _is_ours(file: str) -> bool:
    parts = Path(file).parts
    return "src" in parts and any(source in parts for source in SOURCES)
