"""A network or a model of one's own that is asked: a row of numbers or a picture in, answers out. Torch-free.

What is asked is the exported file, as a board asks it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT import image
from BaseDT.arguments import check_number, invalid
from BaseDT.errors import CheckpointNotFound
from BaseDT.files import Stamp, stamp_of
from BaseDT.language import say
from BaseDT.tabular.known_rows import KnownRows

if TYPE_CHECKING:
    from BaseDT.row_model import RowModel
    from XEdu.hub import Workflow

_MOST = 10
"""Classes that are told."""
_COUNT_VOTES = ("AdaBoost",)
"""Algorithms whose shares are votes, near each other however sure they are: they would be taken for doubt."""


def of_row(
    file: Path, task: str, row: object, classes: tuple[str, ...], learned: Sequence[tuple[str, float, float]] = ()
) -> dict[str, Any]:
    """Say what a file tells of one row.

    Args:
        file: An ``.onnx``.
        task: Of ``Workflow``: ``basenn`` or ``baseml``.
        row: Numbers, one a column.
        classes: Names by label, where the file tells shares of classes.
        learned: Of each column its name, and the least and greatest number that were learned from.

    Returns:
        ``said``, the answer; ``shares``, of each class its name and share, the largest first; empty where there are
        none; ``remark``, where the row lies far outside of what was learned from, else empty.

    Raises:
        ParameterInvalid: These are no numbers (-305).
        CheckpointNotFound: The file is gone (-102).
        XEduError: The row does not fit.
    """
    if not isinstance(row, list) or not row:
        raise invalid("row", row, "numbers, one a column", "每列一个数")
    values = [check_number("row", value) for value in row]
    stamp = _stamp(file)
    if task == "baseml":
        told = _said_by_model(_opened_model(file, stamp), values)
    else:
        told = _told(_first(_opened(file, stamp).inference(data=np.asarray([values]))), classes)
    return {**told, "remark": _far_outside(values, learned)}


def of_picture(file: Path, data: bytes, classes: tuple[str, ...]) -> dict[str, Any]:
    """Say what a file tells of one picture, as ``of_row``.

    Args:
        file: An ``.onnx`` of BaseNN.
        data: The picture's bytes.
        classes: Names by label.

    Raises:
        ImageUnsupported, ImageDamaged: It is no picture.
    """
    return _told(_first(_opened(file, _stamp(file)).inference(data=image.decode(data))), classes)


def _far_outside(values: Sequence[float], learned: Sequence[tuple[str, float, float]]) -> str:
    """Say which number is further outside of what was learned from than that is wide; empty for none."""
    for value, (name, least, greatest) in zip(values, learned, strict=False):
        room = greatest - least
        if not least - room <= value <= greatest + room:
            en = (
                f"{name}={value:g} is far from {least:g} to {greatest:g}, what was learned from: the answer is a guess."
            )
            return say(en, f"{name}={value:g} 与学过的数据（{least:g} 到 {greatest:g}）相差很远：结果只是猜测。")
    return ""


def _stamp(file: Path) -> Stamp:
    if (stamp := stamp_of(file)) is not None:
        return stamp
    raise CheckpointNotFound(
        say(f"{file.name} is gone.", f"{file.name} 已不存在。"),
        hint=say("Train once more.", "请重新训练。"),
    )


def _first(result: Any) -> npt.NDArray[Any]:
    return np.asarray(result[0] if isinstance(result, list) else result)


@lru_cache(maxsize=4)
def _opened(file: Path, stamp: Stamp) -> Workflow:
    from XEdu.hub import Workflow  # what the server's start does not wait for

    del stamp  # a file that changed is opened anew
    return Workflow(task="basenn", checkpoint=str(file))


@lru_cache(maxsize=4)
def _opened_model(file: Path, stamp: Stamp) -> RowModel:
    from XEdu.hub.tasks.baseml import open_task

    del stamp
    return open_task(str(file)).opened


def _said_by_model(model: RowModel, values: list[float]) -> dict[str, Any]:
    """Return what a classic model says: a class with how sure it is of every one, a number, a group, or columns."""
    info = model.info
    answers = model.answers(KnownRows(info.width, info.features, info.example).rows_of([values]))
    value = answers.values[0]
    if np.ndim(value):
        return {"said": ", ".join(map(_number, value)), "shares": []}
    said = _number(value) if isinstance(value, np.floating) else str(value)
    if answers.shares is None or info.algorithm in _COUNT_VOTES:
        return {"said": said, "shares": []}
    names = [info.classes[label] if info.classes else str(label) for label in info.labels]
    return {"said": said, "shares": _largest(names, answers.shares[0])}


def _largest(names: Sequence[str], shares: npt.NDArray[Any]) -> list[dict[str, Any]]:
    order = np.argsort(-shares, kind="stable")[:_MOST]
    return [{"name": names[at] if at < len(names) else str(at), "share": float(shares[at])} for at in order]


def _told(output: npt.NDArray[Any], classes: tuple[str, ...]) -> dict[str, Any]:
    values = output.reshape(-1)
    if not classes or len(values) < 2:
        return {"said": _number(values[0]), "shares": []}
    named = _largest(classes, values)
    is_share = values.min() > -1e-3 and abs(float(values.sum()) - 1) < 1e-2
    return {"said": named[0]["name"], "shares": named if is_share else []}


def _number(value: Any) -> str:
    return f"{float(value):.5g}"
