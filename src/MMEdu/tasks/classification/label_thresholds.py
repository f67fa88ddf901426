"""The score of each label from which on a picture is said to have it: where the validation's F1 is best. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.language import say
from BaseDT.results.multi_label import USUAL_THRESHOLD

LEAST_PICTURES = 10
"""With a label, and as many without it: of fewer, the best place is chance."""
_LEAST_GAIN = 0.02
"""Of F1 over that at 0.5: less is noise of the validation, and 0.5 is what people expect."""
_LOWEST, _HIGHEST = 0.05, 0.95


def suggested(scores: npt.NDArray[np.floating[Any]], truth: npt.NDArray[np.bool_]) -> list[float]:
    """Return a threshold for each label; 0.5 where another is no better, or too little is known.

    Args:
        scores: Of the validation pictures, (N, C).
        truth: Which picture has which label, (N, C).
    """
    return [_best(scores[:, c].astype(np.float64), truth[:, c]) for c in range(scores.shape[1])]


def _best(scores: npt.NDArray[np.float64], truth: npt.NDArray[np.bool_]) -> float:
    present = int(truth.sum())
    if min(present, len(truth) - present) < LEAST_PICTURES:
        return USUAL_THRESHOLD
    values = np.unique(scores)
    # Between two scores, so that the next runtime's rounding changes no answer.
    candidates = np.append((values[1:] + values[:-1]) / 2, USUAL_THRESHOLD)
    candidates = candidates[(candidates >= _LOWEST) & (candidates <= _HIGHEST)]
    # How many pictures reach each candidate, with the label and in all.
    hits = present - np.searchsorted(np.sort(scores[truth]), candidates, side="left")
    claimed = len(scores) - np.searchsorted(np.sort(scores), candidates, side="left")
    f1 = 2 * hits / np.maximum(1, claimed + present)
    usual = f1[-1]
    if f1.max() < usual + _LEAST_GAIN:
        return USUAL_THRESHOLD
    # A place in the middle of those that are as good as the best: the peak itself is one picture's luck.
    good = candidates[f1 >= f1.max() - _LEAST_GAIN / 2]
    return round(float(np.median(good)), 4)


def suggestion_text(thresholds: Sequence[float]) -> str:
    """Say that labels are reported from other scores than a half on; empty where they are not."""
    others = [value for value in thresholds if value != USUAL_THRESHOLD]
    if not others:
        return ""
    return say(
        f"{len(others)} of {len(thresholds)} labels are reported from scores of {min(others):.2f} to {max(others):.2f} "
        "on, where the validation's F1 is best (0.5 for the others); thr=0.5 takes the same for all.",
        f"{len(thresholds)} 个标签中有 {len(others)} 个的阈值取 {min(others):.2f} 到 {max(others):.2f}"
        "（验证集 F1 最好），其余为 0.5；thr=0.5 可统一使用同一阈值。",
    )
