"""From a foreign file's names to ours: which network it holds, whether it is the one that was asked for, what fits."""

from __future__ import annotations

from dataclasses import replace

from BaseDT.errors import CheckpointInvalid
from BaseDT.language import english, say
from MMEdu.models import registry
from MMEdu.models.registry import ModelEntry
from MMEdu.weights import catalogue
from MMEdu.weights.foreign import conversion, openmmlab_config
from MMEdu.weights.foreign.families import OTHER_FORMS
from MMEdu.weights.foreign.reading import ForeignFile
from MMEdu.weights.foreign.recognise import Match, recognise
from MMEdu.weights.foreign.shapes import shapes
from MMEdu.weights.foreign.tables import Table
from MMEdu.weights.opened import OpenedWeights

_IN_CATALOGUE = ("torchvision", "efficientnet")
_RESEMBLES = 0.5
"""Share of weights from which on a file resembles a network; it is one where the match is sure."""


def open_foreign(file: ForeignFile, entry: ModelEntry, *, other_forms: bool = False) -> OpenedWeights:
    """Give a file's weights our names.

    Args:
        file: The file.
        entry: What it should hold; a classifier's file gives a detector its backbone.
        other_forms: Whether it may also hold what other projects mean by the same name (``families.OTHER_FORMS``).

    Raises:
        CheckpointInvalid: It holds another network; the likely one is named (-202).
    """
    matches = recognise(file.shapes, first=entry.name)
    names = (entry.name, *(OTHER_FORMS.get(entry.name, ()) if other_forms else ()))
    requested = next((m for m in matches if m.table.task == entry.task and m.table.backbone in names), None)
    backbone = next((m for m in matches if _is_backbone_of(m.table, entry)), None)
    top = matches[0] if matches and matches[0].share >= _RESEMBLES else None
    # A sure match may still be beaten by a surer one: what the file most likely is decides.
    if requested is not None and requested.sure and (requested is top or top is None or not top.sure):
        return _translated(file, requested, entry)
    if backbone is not None and backbone.sure:
        return _as_backbone(_translated(file, backbone, entry), backbone.table)
    if top is not None and not top.sure:
        nearest = requested if requested is not None and requested.share >= _RESEMBLES else top
        raise _resembles_only(file, entry, nearest)
    raise _another_network(file, entry, top)


def _is_backbone_of(table: Table, entry: ModelEntry) -> bool:
    return table.task != entry.task and table.backbone == entry.backbone


def _translated(file: ForeignFile, match: Match, entry: ModelEntry) -> OpenedWeights:
    table = openmmlab_config.adapted(match.table, file.meta)
    counterparts = table.to_ours(file.state)
    classes, preprocess = file.classes, table.preprocess or entry.preprocess
    official = catalogue.by_file(file.path) if table.family in _IN_CATALOGUE and classes is None else None
    # Published files say nothing of themselves, the catalogue does; one with another head only has the name.
    if official is not None and len(official.classes) == match.num_classes:
        classes, preprocess = official.classes, official.preprocess
    num_names = len(classes or ())
    if num_names != match.num_classes:
        classes = None  # OpenMMLab's files may name the classes of a set that the head was not made for
    return OpenedWeights(
        path=file.path,
        entry=_entry_of(table, entry),
        state=conversion.to_ours(table, file.state, match.num_classes),
        classes=classes,
        num_classes=match.num_classes,
        preprocess=preprocess,
        origin=f"{table.family} {table.source_name}",
        unmatched=tuple(name for name in file.state if name not in counterparts and not table.ignores(name)),
        num_names=num_names,
        computes_otherwise=table.only_start,
        fused=table.form == "deploy",
    )


def _entry_of(table: Table, entry: ModelEntry) -> ModelEntry:
    """Return the entry of another form of the model; the given one, which a recipe may have changed, else."""
    is_other_form = table.task == entry.task and table.backbone != entry.name
    return registry.find(table.backbone, table.task) if is_other_form else entry


def _as_backbone(classifier: OpenedWeights, table: Table) -> OpenedWeights:
    """Return a classifier's weights as a detector's backbone; its head belongs to nothing there."""
    head = shapes(table.backbone, table.task).rows
    state = {f"backbone.{name}": value for name, value in classifier.state.items() if name not in head}
    return replace(
        classifier,
        state=state,
        classes=None,
        num_classes=None,
        whole=False,
        num_names=0,
        # What the file's configuration says otherwise is about predictions that no detector makes with it.
        computes_otherwise=table.only_start,
    )


def _another_network(file: ForeignFile, entry: ModelEntry, likely: Match | None) -> CheckpointInvalid:
    if likely is None:
        first = ", ".join(list(file.state)[:3])
        hint = say(
            "Use a file of this model: MMEdu's, torchvision's, or OpenMMLab's (mmcls, mmdet).",
            "请使用该模型的权重文件：MMEdu、torchvision 或 OpenMMLab（mmcls、mmdet）的文件。",
        )
        return CheckpointInvalid(
            say(
                f"{file.path} holds no {entry.name}: its weights are {first}, ...",
                f"{file.path} 不是 {entry.name} 的权重文件：它的权重是 {first} 等。",
            ),
            hint=hint,
        )
    table = likely.table
    call = registry.constructor_call(table.backbone, table.task)
    hint = say(f"Write {call}.", f"请写 {call}。")
    text = say(
        f"{file.path} holds a {table.source_name} of {table.family}, but the model is a {entry.name}.",
        f"{file.path} 是 {table.family} 的 {table.source_name}，而当前模型是 {entry.name}。",
    )
    return CheckpointInvalid(text, hint=hint)


def _resembles_only(file: ForeignFile, entry: ModelEntry, nearest: Match) -> CheckpointInvalid:
    """Name a file that has much in common with a network and is another: of more layers, wider, or a part of it."""
    (missing, ours), (unused, theirs) = nearest.missing, nearest.unused
    depth = openmmlab_config.backbone_depth(file.meta)
    depth_text = (
        say(f", its configuration says depth {depth}", f"，配置中写明的深度为 {depth}") if depth is not None else ""
    )
    table = nearest.table
    text = say(
        f"{file.path} does not fit {entry.name}. It resembles {table.family}'s {table.source_name}"
        f"{english(depth_text)}, but {missing} of {ours} weights are missing, "
        f"and {unused} of its {theirs} have no place.",
        f"{file.path} 与 {entry.name} 不符。它类似于 {table.family} 的 {table.source_name}"
        f"{depth_text}，但 {ours} 个权重中缺少 {missing} 个，它的 {theirs} 个权重中有 {unused} 个"
        "用不上。",
    )
    hint = say(
        "Its network is another, or not whole: choose the model that it was trained as, of the same depth and width.",
        "该文件是另一个网络或不完整：请选择训练它时所用的模型（深度和宽度相同）。",
    )
    return CheckpointInvalid(text, hint=hint)
