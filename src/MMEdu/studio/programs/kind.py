"""What every kind of program has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Settings: TypeAlias = "Mapping[str, Any]"
"""Plain data, as they are kept in ``job.json``."""
Results: TypeAlias = "Callable[[Path, Settings], list[Result]]"


@dataclass(frozen=True)
class Place:
    """Where a program will run.

    Attributes:
        work: The work folder: a program runs in it, and names what lies in it by relative paths.
        elsewhere: Whether data and models outside of it may be named by their whole paths: only by who sits at this
            computer, and where no other computer may ask.
        project: Gives the pictures of a project, by its identifier.
    """

    work: Path
    elsewhere: bool
    project: Callable[[str], Path]


@dataclass(frozen=True)
class Result:
    """A file that a job left: where it is, what it is (``best``, ``latest``, ``model``, ``picture``, ``log`` …), and
    what it shows, in the user's language; empty where its name says it.
    """

    path: Path
    kind: str
    shows: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of program.

    Attributes:
        name: As the API calls it.
        checked: ``(what the page sent, place)`` -> settings that a program can be written of. Raises errors of
            ``BaseDT.errors`` that name the field.
        label: Settings -> the job's name: a few words of data, in no language.
        write: ``(settings, the run's folder as the program names it, whether it goes on)`` -> the program.
        results: ``(the run's folder, settings)`` -> what lies there, the best first.
        can_go_on: ``(the run's folder)`` -> whether a run that ended early goes on where it was, and does not begin
            anew; None: runs of this kind are short, and begun anew as new jobs.
    """

    name: str
    checked: Callable[[Settings, Place], dict[str, Any]]
    label: Callable[[Settings], str]
    write: Callable[[Settings, str, bool], str]
    results: Results
    can_go_on: Callable[[Path], bool] | None = None
