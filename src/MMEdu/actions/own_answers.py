"""A network or a model of one's own that is asked: a row of numbers or a picture in, answers out. Torch-free.

What is asked is the exported file, as a board asks it.
"""

from __future__ import annotations

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

if TYPE_CHECKING:
    from XEdu.hub import Workflow

_MOST = 10
"""Classes that are told."""


def of_row(file: Path, task: str, row: object, classes: tuple[str, ...]) -> dict[str, Any]:
    """Say what a file tells of one row.

    Args:
        file: An ``.onnx``.
        task: Of ``Workflow``: ``basenn`` or ``baseml``.
        row: Numbers, one a column.
        classes: Names by label, where the file tells shares of classes.

    Returns:
        ``said``, the answer; ``shares``, of each class its name and share, the largest first; empty where there are
        none.

    Raises:
        ParameterInvalid: These are no numbers (-305).
        CheckpointNotFound: The file is gone (-102).
        XEduError: The row does not fit.
    """
    if not isinstance(row, list) or not row:
        raise invalid("row", row, "numbers, one a column", "每列一个数")
    values = [check_number("row", value) for value in row]
    workflow, result = _asked(file, task, np.asarray([values]))
    return _said_by_model(workflow) if task == "baseml" else _told(result, classes)


def of_picture(file: Path, data: bytes, classes: tuple[str, ...]) -> dict[str, Any]:
    """Say what a file tells of one picture, as ``of_row``.

    Args:
        file: An ``.onnx`` of BaseNN.
        data: The picture's bytes.
        classes: Names by label.

    Raises:
        ImageUnsupported, ImageDamaged: It is no picture.
    """
    return _told(_asked(file, "basenn", image.decode(data))[1], classes)


def _asked(file: Path, task: str, data: npt.NDArray[Any]) -> tuple[Workflow, npt.NDArray[Any]]:
    stamp = stamp_of(file)
    if stamp is None:
        raise CheckpointNotFound(
            say(f"{file.name} is gone.", f"{file.name} 已不存在。"),
            hint=say("Train once more.", "请重新训练。"),
        )
    workflow = _opened(file, task, stamp)
    result = workflow.inference(data=data)
    return workflow, np.asarray(result[0] if isinstance(result, list) else result)


@lru_cache(maxsize=4)
def _opened(file: Path, task: str, stamp: Stamp) -> Workflow:
    from XEdu.hub import Workflow  # what the server's start does not wait for

    del stamp  # a file that changed is opened anew
    return Workflow(task=task, checkpoint=str(file))


def _said_by_model(workflow: Workflow) -> dict[str, Any]:
    """Return what a classic model said last: a class with how sure it is of it, a number, a group, or columns."""
    told = workflow.format_output(lang="zh", isprint=False)
    value, scores = told["预测值"][0], told.get("分数")
    if isinstance(value, list):
        return {"said": ", ".join(map(_number, value)), "shares": []}
    said = _number(value) if isinstance(value, float) else str(value)
    return {"said": said, "shares": [] if scores is None else [{"name": said, "share": float(scores[0])}]}


def _told(output: npt.NDArray[Any], classes: tuple[str, ...]) -> dict[str, Any]:
    values = output.reshape(-1)
    if not classes or len(values) < 2:
        return {"said": _number(values[0]), "shares": []}
    order = np.argsort(-values)[:_MOST]
    named = [(classes[at] if at < len(classes) else str(at), float(values[at])) for at in order]
    is_share = values.min() > -1e-3 and abs(float(values.sum()) - 1) < 1e-2
    return {
        "said": named[0][0],
        "shares": [{"name": name, "share": value} for name, value in named] if is_share else [],
    }


def _number(value: Any) -> str:
    return f"{float(value):.5g}"
