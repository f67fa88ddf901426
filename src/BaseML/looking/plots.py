"""The documented pictures: ``plot`` and ``metricplot``. matplotlib is imported when one is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import display, image, terminal
from BaseDT.arguments import PathLike, checked_flag
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseML.looking import asking, learned, scoring
from BaseML.trained import TrainedModel

Numbers = npt.NDArray[Any]


def plot(
    model: TrainedModel, x: Numbers, y: Numbers | None = None, *, show: bool = True, save: PathLike | None = None
) -> Pixels:
    """Draw what a model learned (绘制模型学到的内容): regions, a tree, bells, weights, a line, groups, a map.

    Args:
        model: Trained.
        x: (N, F) as the user's data have them, not scaled.
        y: The N true labels or numbers; None where there are none.
        show: Show it where there is a place: a notebook or a desktop.
        save: Also write the picture to this file.

    Returns:
        The picture, H×W×3 uint8, BGR.

    Raises:
        ClassCountMismatch: KNN and SVM are drawn in the plane of two columns (-306).
        InputMismatch: ``x`` has more or fewer columns than the model was trained on (-309).
        ParameterInvalid: ``x`` or ``y`` are none that could be drawn (-305).
        MethodUnsupported: There is no such picture of this model (-405).
        DependencyMissing: matplotlib is not installed (-502).
    """
    checked_flag("show", show)
    rows, truth = asking.checked(model, x, y)
    return _out("plot", learned.draw(model, rows, truth), show, save)


def metricplot(
    model: TrainedModel, x: Numbers, y: Numbers | None = None, *, show: bool = True, save: PathLike | None = None
) -> Pixels:
    """Draw how good a model is (绘制模型的好坏): what it confuses, how far it is off, how apart its groups are.

    Arguments, result and errors as those of ``plot``; ``y`` is needed to classify and to estimate.
    """
    checked_flag("show", show)
    rows, truth = asking.checked(model, x, y)
    return _out("metricplot", scoring.draw(model, rows, truth), show, save)


def _out(call: str, drawn: Pixels, show: bool, file: PathLike | None) -> Pixels:
    if file is not None:
        image.write(file, drawn)
    if show and not display.show(drawn) and file is None:
        terminal.note(
            say(
                f"There is no screen here: {call}(save='picture.png') writes the picture to a file.",
                f"这里没有屏幕：请用 {call}(save='picture.png') 把图片保存为文件。",
            )
        )
    return np.asarray(drawn, dtype=np.uint8)
