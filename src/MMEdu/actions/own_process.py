"""Processes of our own: they find the MMEdu that started them, and import nothing from the folder a user stands in.

A pupil's own ``random.py`` beside the studio, or one in a project that somebody brought, is none of ours.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import MMEdu
from BaseDT.language import current_language


def command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of ours; for ``environment()``."""
    if sys.version_info >= (3, 11):
        return [sys.executable, "-m", module, *arguments]
    # Older ones know no PYTHONSAFEPATH: the folder is taken off the path by hand.
    text = (
        f"import sys; del sys.path[0]; import runpy; runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    )
    return [sys.executable, "-c", text, *arguments]


def environment(given: Mapping[str, str] | None = None, language: str | None = None) -> dict[str, str]:
    """Return the environment of such a process.

    Args:
        given: What it is made of; this process's own by default.
        language: Of its messages; that of this context by default.
    """
    given = os.environ if given is None else given
    paths = [Path(entry).absolute() for entry in given.get("PYTHONPATH", "").split(os.pathsep) if entry]
    home = Path(MMEdu.__file__).resolve().parents[1]
    if home == Path.cwd():  # found because somebody stands in it
        paths.append(home)
    found = {"PYTHONPATH": os.pathsep.join(map(str, paths))} if paths else {}
    own = {"MMEDU_LANG": language or current_language(), "PYTHONIOENCODING": "utf-8", "PYTHONSAFEPATH": "1"}
    return {**given, **found, **own}
