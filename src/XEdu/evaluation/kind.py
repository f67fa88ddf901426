"""``EvaluationKind``: what evaluating the models of one kind of output takes. A file a kind fulfils it.

Plain data and protocols; nothing here reads a folder, runs a model or draws.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from BaseDT.errors import ModelUnsupported
from BaseDT.language import say
from XEdu.outputs import kind as kinds
from XEdu.outputs.kind import OutputKind
from XEdu.runtime.model import Model

Part: TypeAlias = Literal["test", "val", "held_out", "train", "all"]
Progress: TypeAlias = Callable[[int, int], object]
"""Told how many pictures are done, of how many."""

_PART_NAMES: dict[Part, tuple[str, str]] = {
    "test": ("test pictures", "测试图片"),
    "val": ("validation pictures", "验证图片"),
    "held_out": ("pictures that training keeps for validation", "训练时留出用于验证的图片"),
    "train": ("training pictures", "训练图片"),
    "all": ("pictures", "图片"),
}


class HasPath(Protocol):
    """A picture of a labelled set, with what is known of it."""

    @property
    def path(self) -> Path: ...


@dataclass(frozen=True)
class LabelledSet:
    """Pictures whose content is known.

    Attributes:
        root: The folder of the set.
        part: Which pictures of it these are.
        pictures: A class each (``BaseDT.dataset.samples.Sample``), or boxes (``CocoImage``), as the kind has it.
        classes: Names that the pictures' labels count through.
        notes: What the user should know of how the folder was read.
        dataset: The whole set as a training reads it, with ``train``; None where it cannot be trained on.
        fingerprints: As checkpoints that were trained on the set name it: divided, then where nobody validated; none
            where it cannot be trained on.
        keeps: What must stay as long as the pictures are needed: a temporary folder with some of them.
    """

    root: Path
    part: Part
    pictures: tuple[Any, ...]
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()
    dataset: Any = field(default=None, repr=False, compare=False)
    fingerprints: Callable[[], tuple[str, ...]] = field(default=tuple, repr=False, compare=False)
    keeps: object = field(default=None, repr=False, compare=False)

    @property
    def part_name(self) -> str:
        """What these pictures are, for the user."""
        return say(*_PART_NAMES[self.part])


@dataclass(frozen=True)
class Damaged:
    """A picture that could not be read, and why."""

    path: Path
    reason: str


class Judged(Protocol):
    """What was found out about a model."""

    @property
    def content(self) -> Mapping[str, Any]:
        """Everything, as plain JSON data; shares are from 0 to 1, None where nothing can be said."""

    @property
    def tables(self) -> Sequence[Sequence[Sequence[str | int]]]:
        """For a terminal: tables of rows of cells, the heads first."""

    @property
    def lines(self) -> Sequence[str]:
        """For a terminal: the result in a sentence or two, before the tables."""

    @property
    def remarks(self) -> Sequence[str]:
        """What its reader must know, after the tables."""

    def write(self, folder: Path) -> tuple[list[Path], list[str]]:
        """Write the report's pictures and tables; returns them, and why some are missing."""


@dataclass(frozen=True)
class EvaluationKind:
    """How the models of a kind of output are evaluated.

    Attributes:
        read: Finds the labelled pictures of a folder. Raises DatasetInvalid where there are none of this kind (-201).
        judge: Runs a model over them. ``(model, pictures, threshold, progress)``; the threshold is the lowest score of
            a result.
        meanings: What each file of the report shows: ``{file name: (English, Chinese)}``.
    """

    read: Callable[[Path], LabelledSet]
    judge: Callable[[Model, LabelledSet, float, Progress], Judged]
    meanings: Mapping[str, tuple[str, str]]


def evaluation_of(kind: OutputKind, model: str) -> EvaluationKind:
    """Return how a kind's models are evaluated.

    Raises:
        ModelUnsupported: They cannot be (-206).
    """
    if not kind.evaluation:
        raise ModelUnsupported(
            say(
                f"{model} gives {kind.name}, and how right that is cannot be evaluated.",
                f"{model} 的输出类型为 {kind.name}，无法评估其好坏。",
            ),
            hint=say(
                f"Models of these kinds can: {', '.join(_evaluated())}. mmedu infer shows what it says.",
                f"可以评估的输出类型：{'、'.join(_evaluated())}。可用 mmedu infer 查看它的输出。",
            ),
        )
    module, _, attribute = kind.evaluation.partition(":")
    found: EvaluationKind = getattr(importlib.import_module(module), attribute)
    return found


def _evaluated() -> list[str]:
    return [name for name in kinds.names() if kinds.find(name).evaluation]
