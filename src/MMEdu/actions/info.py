"""What a model's file says of itself, for the faces."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from MMEdu.tasks import registry


def description(checkpoint: Path) -> dict[str, Any]:
    """Return what a checkpoint says of itself.

    Raises:
        CheckpointNotFound, CheckpointInvalid: It cannot be read (-102, -202).
    """
    from MMEdu.info import read_meta

    return read_meta(checkpoint)


def info(model: Path) -> dict[str, Any]:
    """Return what a checkpoint or an exported model says of itself, as plain JSON data."""
    from MMEdu.info import read

    return dict(read(model))


def print_info(model: Path) -> None:
    """Print what a checkpoint or an exported model says of itself, line by line."""
    from MMEdu.info import pth_info

    pth_info(model)


def is_exported(file: str | os.PathLike[str]) -> bool:
    """Tell by its name whether a file is an exported model, which runs without torch."""
    from MMEdu import info as files

    return files.is_exported(file)


def report_meanings(task: str) -> Mapping[str, tuple[str, str]]:
    """Return what the files of the report of a task's training show, in English and Chinese."""
    meanings: Mapping[str, tuple[str, str]] = registry.find(task).part("report_meanings")
    return meanings
