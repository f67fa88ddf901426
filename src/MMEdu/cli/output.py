"""What the commands share: JSON for programs, paths and tables for people. No command lives here."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from BaseDT.language import say

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for programs.")]


def print_json(content: Mapping[str, object]) -> None:
    """Print one JSON object and nothing else; ASCII, so that every console and pipe passes it on unharmed."""
    typer.echo(json.dumps(content, indent=2, allow_nan=False))


@contextmanager
def lines_on_stderr(wanted: bool) -> Iterator[None]:
    """Send the library's lines to stderr while a program waits for JSON on stdout."""
    if not wanted:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def shown(path: Path) -> str:
    """Name a path as one would type it here: relative to the working directory where it lies within."""
    here = Path.cwd()
    absolute = here / path
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


def table(rows: Sequence[Sequence[str | int]]) -> list[str]:
    """Lay out rows in columns: numbers to the right, a Chinese character two columns wide."""
    widths = [max(_width(str(cell)) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_padded, row, widths)).rstrip() for row in rows]


def _padded(cell: str | int, width: int) -> str:
    space = " " * (width - _width(str(cell)))
    return f"{space}{cell}" if isinstance(cell, int) else f"{cell}{space}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def meaning(name: str, task: str) -> str:
    """Say in a phrase what a file of the report of a task's training shows."""
    of_boxes = {
        "curves.png": say("loss and mAP", "损失与 mAP 曲线"),
        "precision_recall.png": say("precision against recall", "精确率-召回率曲线"),
        "detections.png": say("hits, misses and false alarms", "检测正确、漏检与误检"),
        "per_class.csv": say("average precision of each class", "各类别的平均精度（AP）"),
    }
    of_classes = {
        "curves.png": say("loss and accuracy", "损失与准确率曲线"),
        "confusion_matrix.png": say("what is taken for what", "混淆矩阵"),
        "worst_mistakes.png": say("the worst mistakes", "错得最离谱的图片"),
        "per_class.csv": say("precision and recall of each class", "各类别的精确率与召回率"),
    }
    return (of_boxes if task == "detection" else of_classes)[name]
