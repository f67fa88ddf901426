"""Heads: which rows of which weights belong to which class, and how they are kept when the classes change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from BaseDT.names import composed
from MMEdu.models import heads


@dataclass(frozen=True)
class Rows:
    """How the first dimension of a weight is divided: ``groups`` times (``before``, classes × ``width``, ``after``).

    Attributes:
        names: Pattern of the weights' names.
        groups: Anchors that have rows of their own.
        before: Rows of a group that belong to no class, before the classes'.
        width: Rows of one class.
        after: Rows of a group after the classes': background.
    """

    names: str
    groups: int = 1
    before: int = 0
    width: int = 1
    after: int = 0

    def classes(self, weight: Tensor) -> int | None:
        """Return for how many classes a weight is; None if it cannot be divided so."""
        if not weight.ndim:
            return None
        group, rest = divmod(len(weight), self.groups)
        count, odd = divmod(group - self.before - self.after, self.width)
        return count if not rest and not odd and count > 0 else None


_LEAF = r"\.(?:weight|bias)"
# By the network's class, which derived ones share.
_DETECTORS: dict[str, tuple[Rows, ...]] = {
    "SSDLite": (Rows(rf"cls_convs\.\d+\.1{_LEAF}", groups=6, after=1),),
    "YOLOv3": (Rows(rf"predictors\.\d+{_LEAF}", groups=3, before=5),),
    "FasterRCNN": (Rows(rf"bbox_head\.fc_cls{_LEAF}", after=1), Rows(rf"bbox_head\.fc_reg{_LEAF}", width=4)),
    "Mask_RCNN": (Rows(rf"mask_head\.conv_logits{_LEAF}"),),
}


def rows_of(network: nn.Module) -> dict[str, Rows]:
    """Return the weights of a network whose rows belong to classes, by name."""
    kinds = [rows for cls in type(network).__mro__ for rows in _DETECTORS.get(cls.__name__, ())]
    kinds = kinds or [Rows(re.escape(heads.head_of(network).name) + _LEAF)]
    return {name: rows for name in network.state_dict() for rows in kinds if re.fullmatch(rows.names, name)}


@dataclass(frozen=True)
class Fitted:
    """A head's weights, made for other classes.

    Attributes:
        state: All weights, those of the head with the rows of the new classes; without those that cannot be divided.
        reused: Classes whose rows were taken over.
        fresh: Classes whose rows were not there.
        gone: Classes that the file knows and nobody asks for.
    """

    state: dict[str, Tensor]
    reused: tuple[str, ...]
    fresh: tuple[str, ...]
    gone: tuple[str, ...]


def fit(
    network: nn.Module, state: Mapping[str, Tensor], file_classes: Sequence[str] | None, classes: Sequence[str]
) -> Fitted:
    """Keep the rows of a head by the names of its classes; all else of a head stays as the network has it.

    Args:
        network: Built for ``classes``; rows without a source keep its weights.
        state: Weights by our names; only those of the head are looked at.
        file_classes: The classes of ``state`` by label; None where the file does not say.
        classes: The classes of ``network`` by label.
    """
    file_classes, classes = [composed(name) for name in file_classes or ()], [composed(name) for name in classes]
    moves = [(label, file_classes.index(name)) for label, name in enumerate(classes) if name in file_classes]
    fresh_state, out = network.state_dict(), dict(state)
    for name, rows in rows_of(network).items():
        if name not in out:
            continue
        moved = _moved(fresh_state[name], out.pop(name), rows, moves, len(file_classes))
        if moved is not None:
            out[name] = moved
    # Where no weight of the head could be divided, no class has its rows from the file, whatever its names are.
    reused = tuple(classes[label] for label, _ in moves) if out.keys() & rows_of(network).keys() else ()
    return Fitted(
        out, reused, tuple(n for n in classes if n not in reused), tuple(n for n in file_classes if n not in classes)
    )


def _moved(
    fresh: Tensor, loaded: Tensor, rows: Rows, moves: Sequence[tuple[int, int]], file_classes: int
) -> Tensor | None:
    """Return ``fresh`` with the rows of ``loaded``; None where ``loaded`` is no such weight."""
    count, expected = rows.classes(loaded), rows.classes(fresh)
    if (
        fresh.shape[1:] != loaded.shape[1:]
        or count is None
        or expected is None
        or (file_classes and count != file_classes)
    ):
        return None
    # One axis for the anchors, so that the rows of a class are a plain slice of each; ``fresh`` itself stays as it is.
    source, target = (x.reshape(rows.groups, -1, *fresh.shape[1:]) for x in (loaded, fresh.clone()))
    # Boxes and objectness do not depend on the classes: these rows move even if every class is new.
    target[:, : rows.before] = source[:, : rows.before].to(target)
    if moves and rows.after:  # background against classes that are all fresh says nothing
        target[:, -rows.after :] = source[:, -rows.after :].to(target)
    for label, old in moves:
        new, was = (slice(rows.before + k * rows.width, rows.before + (k + 1) * rows.width) for k in (label, old))
        target[:, new] = source[:, was].to(target)
    return target.flatten(0, 1)
