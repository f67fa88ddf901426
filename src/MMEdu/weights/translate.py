"""From a file's names to ours: which network it holds, whether it is the one that was asked for, what fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from BaseDT.errors import CheckpointInvalid, ParameterInvalid, ParameterUnknown, TaskMismatch
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.models.registry import CLASS_OF, ModelEntry
from MMEdu.weights import catalogue, configuration, convert
from MMEdu.weights.recognise import Match, recognise
from MMEdu.weights.shapes import shapes
from MMEdu.weights.source import Source
from MMEdu.weights.tables import Table

_FORMS = {"Yolov3": ("Yolov3_MobileNet",), "RegNet": ("RegNet_384",)}
"""Names that stand for several networks elsewhere: which one a file holds is told from its weights."""
_LEAST = 0.5
"""Share of weights from which on a file resembles a network; it is one where the match is sure."""


@dataclass(frozen=True)
class Translation:
    """A file's weights by our names.

    Attributes:
        state: Weights by our names.
        classes: Names of the classes by label; None where the file does not say, or not for its own head.
        num_classes: How many classes the head of the file is for; None where it has none of ours.
        named: How many names of classes the file has, whether they are the head's or not.
        preprocess: How the source makes an input of a picture.
        unmatched: Names of the source that have no place with us, and are not known to carry nothing.
        table: How the names were told; None for our own.
        whole: Whether it is the whole network, not a backbone alone.
    """

    state: dict[str, Tensor]
    classes: tuple[str, ...] | None
    num_classes: int | None
    preprocess: Preprocess
    unmatched: tuple[str, ...] = ()
    table: Table | None = None
    whole: bool = True
    named: int = 0

    @property
    def origin(self) -> str:
        """What the source calls the network, for the user; empty for our own."""
        return f"{self.table.family} {self.table.source_name}" if self.table is not None else ""


def translate(source: Source, entry: ModelEntry, *, forms: bool = False) -> Translation:
    """Give a file's weights our names.

    Args:
        source: The file.
        entry: What it should hold.
        forms: Whether it may also hold what other projects mean by the same name; the table says which.

    Raises:
        TaskMismatch: It is one of ours, made for another task (-311).
        CheckpointInvalid: It holds another network (the likely one is named), or ours is not described well (-202).
    """
    if source.kind == "mmedu":
        checked_meta(source.meta, entry, source.path)
        classes = tuple(source.meta["CLASSES"])
        return Translation(source.state, classes, len(classes), _preprocess(source))
    matches = recognise(_shapes(source), None, entry.name)
    names = (entry.name, *(_FORMS.get(entry.name, ()) if forms else ()))
    best = _best(matches, entry.task, names)
    backbone = _best(matches, "classification", (entry.backbone,))
    top = matches[0] if matches and matches[0].share >= _LEAST else None
    if best is not None and best.sure and (best is top or top is None or not top.sure):
        return _told(source, best, entry)
    if entry.task == "detection" and backbone is not None and backbone.sure:
        return _backbone_of(_told(source, backbone, entry), backbone.table)
    if top is not None and not top.sure:
        raise _not_nearly(source, entry, best if best is not None and best.share >= _LEAST else top)
    raise _another(source, entry, top)


def likely(source: Source) -> Match | None:
    """Return the network that a file holds; None where no table is about nearly all of its weights."""
    matches = recognise(_shapes(source))
    return matches[0] if matches and matches[0].sure else None


def _shapes(source: Source) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in source.state.items()}


def _best(matches: Sequence[Match], task: str, names: Sequence[str]) -> Match | None:
    return next((match for match in matches if match.table.task == task and match.table.backbone in names), None)


def _told(source: Source, match: Match, entry: ModelEntry) -> Translation:
    table = configuration.told(match.table, source.meta)
    state, places = convert.to_ours(table, source.state, match.num_classes), table.to_ours(source.state)
    unmatched = tuple(name for name in source.state if name not in places and not table.ignores(name))
    classes, preprocess = source.classes, table.preprocess or entry.preprocess
    known = catalogue.by_file(source.path) if table.family == "torchvision" and classes is None else None
    # torchvision's files say nothing of themselves, its catalogue does; one with another head only has the name.
    if known is not None and len(known.classes) == match.num_classes:
        classes, preprocess = known.classes, known.preprocess
    named = len(classes or ())
    if named != match.num_classes:
        classes = None  # OpenMMLab's files may name the classes of a set that the head was not made for
    return Translation(state, classes, match.num_classes, preprocess, unmatched, table, named=named)


def _backbone_of(whole: Translation, table: Table) -> Translation:
    """A classifier's weights as a detector's backbone; its head belongs to nothing."""
    head = shapes(table.backbone, table.task).rows
    state = {f"backbone.{name}": value for name, value in whole.state.items() if name not in head}
    return Translation(state, None, None, whole.preprocess, whole.unmatched, table, whole=False)


def _another(source: Source, entry: ModelEntry, likely: Match | None) -> CheckpointInvalid:
    if likely is None:
        first = ", ".join(list(source.state)[:3])
        hint = say(
            "Use a file of this model: MMEdu's, torchvision's, or OpenMMLab's (mmcls, mmdet).",
            "请使用该模型的权重文件：MMEdu、torchvision 或 OpenMMLab（mmcls、mmdet）的文件。",
        )
        return CheckpointInvalid(f"{source.path} holds no {entry.name}: its weights are {first}, ...", hint=hint)
    table = likely.table
    right = f"{CLASS_OF[table.task]}({table.backbone!r})"
    hint = say(f"Write {right}.", f"请写 {right}。")
    text = f"{source.path} holds a {table.source_name} of {table.family}, but the model is a {entry.name}."
    return CheckpointInvalid(text, hint=hint)


def _not_nearly(source: Source, entry: ModelEntry, near: Match) -> CheckpointInvalid:
    """A file that has much in common with a network and is another: of more layers, wider, or a part of it."""
    (missing, ours), (unused, theirs) = near.missing, near.unused
    depth = configuration.depth(source.meta)
    said = f", its configuration says depth {depth}" if depth is not None else ""
    text = (
        f"{source.path} does not fit {entry.name}. It resembles {near.table.family}'s {near.table.source_name}{said}, "
        f"but {missing} of {ours} weights are missing, and {unused} of its {theirs} have no place."
    )
    hint = say(
        "Its network is another, or not whole: choose the model that it was trained as, of the same depth and width.",
        "该文件是另一个网络或不完整：请选择训练它时所用的模型（深度和宽度相同）。",
    )
    return CheckpointInvalid(text, hint=hint)


def checked_meta(meta: dict[str, Any], entry: ModelEntry, path: Path) -> dict[str, Any]:
    """Make sure that one of our checkpoints belongs to the chosen model.

    Raises:
        TaskMismatch: It was made for another task (-311).
        CheckpointInvalid: It is of another backbone, or its description is not whole (-202).
    """
    lacking = [name for name in ("CLASSES", "backbone", "task", "preprocess") if not meta.get(name)]
    classes = meta.get("CLASSES")
    if not lacking and not (isinstance(classes, list) and all(isinstance(name, str) for name in classes)):
        lacking = ["CLASSES"]
    if lacking:
        hint = say("Use a .pth file that MMEdu wrote.", "请使用由 MMEdu 训练得到的 .pth 文件。")
        raise CheckpointInvalid(f"{path} says nothing useful of its {', '.join(lacking)}.", hint=hint)
    if meta["task"] != entry.task:
        hint = say("Choose the module that it was trained with.", "请使用训练它时所用的模块。")
        raise TaskMismatch(f"{path} was trained for {meta['task']}, not for {entry.task}.", hint=hint)
    if meta["backbone"] != entry.name:
        right = f"{CLASS_OF[entry.task]}({meta['backbone']!r})"
        hint = say(f"Write {right}.", f"请写 {right}。")
        raise CheckpointInvalid(f"{path} holds a {meta['backbone']}, but the model is a {entry.name}.", hint=hint)
    return meta


def _preprocess(source: Source) -> Preprocess:
    try:
        return Preprocess.from_dict(source.meta["preprocess"])
    except (ParameterInvalid, ParameterUnknown) as error:
        text = f"{source.path} describes a preprocessing that this version does not know: {error.message}"
        raise CheckpointInvalid(text, hint=error.hint) from error
