"""The documented functions of ``BaseDT.plot``: each draws, shows where there is a place, and returns the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT import display, draw, image, metrics
from BaseDT.arguments import PathLike, checked_flag, checked_threshold, documented
from BaseDT.errors import NothingToShow, ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.image import ImageSource, Pixels
from BaseDT.language import say
from BaseDT.plot import confusion, curves, logs
from BaseDT.results import DetectionResult

Names: TypeAlias = Sequence[str] | Mapping[int, str]


@documented
def imshow_det_bboxes(
    img: ImageSource,
    bboxes: npt.ArrayLike,
    labels: npt.ArrayLike,
    class_names: Names | None = None,
    score_thr: float = 0,
    *,
    show: bool = True,
    out_file: PathLike | None = None,
) -> Pixels:
    """Draw boxes on a picture (在图片上画检测框).

    Args:
        img: Path, array (BGR) or Pillow image.
        bboxes: (N, 4) of x1, y1, x2, y2 in pixels of the picture, or (N, 5) with a score from 0 to 1, which is written.
        labels: The N class numbers.
        class_names: Names by number, a list or a dictionary; without them the numbers are shown.
        score_thr: Boxes with a lower score are left out.
        show: Show it where there is a place: a notebook or a desktop.
        out_file: Also write it to this file.

    Returns:
        The picture with the boxes, H×W×3 uint8, BGR, of its own size; small ones are shown and written larger.

    Raises:
        ParameterInvalid: The arguments do not fit each other (-305).
        ImageNotFound: There is no such picture (-103).
    """
    checked_flag("show", show)
    rows, scored = _boxes(bboxes)
    numbers, names = _labels("labels", labels), _checked_names(class_names)
    if len(rows) != len(numbers):
        raise _invalid(
            say(
                f"{len(rows)} bboxes, but {len(numbers)} labels.",
                f"有 {len(rows)} 个 bboxes，却有 {len(numbers)} 个 labels。",
            ),
            "Give one label for each box.",
            "每个框对应一个标签。",
        )
    checked_threshold("score_thr", score_thr)
    results = [
        DetectionResult(int(label), float(row[4]), tuple(row[:4]), _name(int(label), names))
        for row, label in zip(rows, numbers, strict=True)
        if row[4] >= score_thr
    ]
    pixels = image.read(img)
    _out(draw.detections(pixels, results, scores=scored), show, out_file)
    return draw.detections(pixels, results, scores=scored, enlarge=False)


@documented
def plot_log(log: logs.Log, save: PathLike | None = None, *, show: bool = True) -> Pixels:
    """Draw the curves of a training: loss, accuracy, learning rate (绘制训练曲线).

    Args:
        log: What ``train()`` returned, the path of a ``.log.json``, or the folder of a run (its newest log).
        save: Also write the picture to this file.
        show: Show it where there is a place: a notebook or a desktop.

    Returns:
        The picture, H×W×3 uint8, BGR.

    Raises:
        LogNotFound: There is no such log (-106).
        ParameterInvalid: This is no log, or it has no line of training (-305).
        NothingToShow: None of its losses is a number (-601).
        DependencyMissing: matplotlib is not installed (-502).
    """
    checked_flag("show", show)
    drawn = curves.draw(logs.lines(log))
    if drawn is None:
        hint = say("The training went wrong: lower lr, and train again.", "训练出现异常：请减小 lr 后重新训练。")
        raise NothingToShow(say("The log holds no finite loss.", "日志中没有可用的 loss 数值。"), hint=hint)
    return _out(drawn, show, save)


@documented
def plot_confusion_matrix(
    labels: npt.ArrayLike,
    predictions: npt.ArrayLike,
    class_names: Names | None = None,
    save: PathLike | None = None,
    *,
    show: bool = True,
) -> Pixels:
    """Draw which class was taken for which (绘制混淆矩阵): rows are the true classes, columns the predicted ones.

    Args:
        labels: The N true class numbers.
        predictions: The N predicted class numbers.
        class_names: Names by number, a list or a dictionary; without them the numbers are shown.
        save: Also write the picture to this file.
        show: Show it where there is a place: a notebook or a desktop.

    Returns:
        The picture, H×W×3 uint8, BGR.

    Raises:
        ParameterInvalid: The arguments do not fit each other, or there is no picture at all (-305).
        DependencyMissing: matplotlib is not installed (-502).
    """
    checked_flag("show", show)
    true, predicted = _labels("labels", labels), _labels("predictions", predictions)
    if not len(true):
        raise _invalid(say("labels are empty.", "labels 为空。"), "Give at least one.", "请至少给出一个。")
    names = _checked_names(class_names)
    count = int(max(true.max(), predicted.max(initial=0))) + 1 if names is None else len(names)
    matrix = metrics.confusion_matrix(true, predicted, count)
    return _out(confusion.draw(matrix, [_name(label, names) for label in range(count)]), show, save)


def _out(drawn: Pixels, show: bool, file: PathLike | None) -> Pixels:
    if file is not None:
        image.write(file, drawn)
    if show:
        display.show(drawn)
    return drawn


def _boxes(bboxes: Any) -> tuple[npt.NDArray[np.float64], bool]:
    """Return (N, 5), the score being 1 where none is given, and whether it is given."""
    try:
        rows = np.asarray(bboxes, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        rows = np.zeros(1)
    if rows.size == 0:
        return np.zeros((0, 5)), False
    if rows.ndim != 2 or rows.shape[1] not in (4, 5):
        raise _invalid(
            say(
                f"bboxes are {type(bboxes).__name__} of shape {rows.shape}.",
                f"bboxes 是形状为 {rows.shape} 的 {type(bboxes).__name__}。",
            ),
            "Expected rows of the numbers x1, y1, x2, y2, with or without a score.",
            "应为若干行 x1、y1、x2、y2，可带分数。",
        )
    if not (finite := np.isfinite(rows).all(axis=1)).all():
        number = int(np.flatnonzero(~finite)[0])
        raise _invalid(
            say(
                f"bboxes hold values that are no numbers (NaN or infinite): row {number} is {rows[number].tolist()}.",
                f"bboxes 中有不是数字的值（NaN 或无穷大）：第 {number} 行是 {rows[number].tolist()}。",
            ),
            "Leave such rows out: bboxes[np.isfinite(bboxes).all(axis=1)].",
            "请去掉这些行：bboxes[np.isfinite(bboxes).all(axis=1)]。",
        )
    if rows.shape[1] == 5:
        return rows, True
    return np.concatenate([rows, np.ones((len(rows), 1))], axis=1), False


def _labels(name: str, labels: Any) -> npt.NDArray[np.int64]:
    try:
        numbers = np.asarray(labels)
    except ValueError:
        numbers = np.zeros((1, 1))
    if numbers.size == 0:
        return np.zeros(0, np.int64)
    if numbers.ndim == 1 and np.issubdtype(numbers.dtype, np.integer):
        if numbers.min() >= 0:
            return numbers.astype(np.int64)
        raise _invalid(
            say(
                f"{name} hold {numbers.min()}: classes are numbered from 0.",
                f"{name} 中有 {numbers.min()}：类别从 0 开始编号。",
            ),
            "Leave out what has no class; some models mark empty places with -1.",
            "请去掉没有类别的项；有些模型用 -1 表示空位。",
        )
    raise _invalid(
        say(
            f"{name} are {type(labels).__name__} of {numbers.dtype} {numbers.shape}.",
            f"{name} 是 {type(labels).__name__}，类型 {numbers.dtype}，形状 {numbers.shape}。",
        ),
        "Expected a list of class numbers: 0, 1, 2 …",
        "应为类别编号的列表：0、1、2……",
    )


def _checked_names(class_names: object) -> dict[int, str] | None:
    """Return the names by number."""
    if class_names is None:
        return None
    if isinstance(class_names, Mapping):
        return dict(class_names)
    if isinstance(class_names, (list, tuple)) or (isinstance(class_names, np.ndarray) and class_names.ndim == 1):
        return dict(enumerate(class_names))
    example = [class_names] if isinstance(class_names, str) else ["cat", "dog"]
    raise _invalid(
        say(
            f"class_names is {quoted(class_names)}, no list of names.",
            f"class_names 是 {quoted(class_names)}，不是名称列表。",
        ),
        f"Give a list, e.g. class_names={example}.",
        f"应为列表，例如 class_names={example}。",
    )


def _name(label: int, names: dict[int, str] | None) -> str:
    if names is None:
        return str(label)
    if label in names:
        return names[label]
    raise _invalid(
        say(
            f"there is a label {label}, and class_names has {len(names)} names without it.",
            f"有标签 {label}，而 class_names 只有 {len(names)} 个名称，没有它。",
        ),
        "Give the names of all classes, in the order of their numbers.",
        "请按编号顺序给出所有类别的名称。",
    )


def _invalid(message: str, en: str, zh: str) -> ParameterInvalid:
    return ParameterInvalid(message, hint=say(en, zh))
