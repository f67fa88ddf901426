"""What a training on several labels came to, in a sentence: nothing learnt, labels not learnt, or learnt by heart.

Torch-free; ``verdict`` does the same for pictures of one class.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.language import say
from BaseDT.metrics.multi_label import mean_average_precision
from MMEdu.tasks.classification.verdict import LEAST, by_heart, help_text, too_fast, train_losses

_CHANCE = 0.05
_LEAST_OF_LABEL = 5  # pictures with a label and without it: of fewer nothing can be said

Flags = npt.NDArray[np.bool_]


def verdict(
    log: Sequence[Mapping[str, Any]], scores: npt.NDArray[np.floating[Any]], truth: Flags, *, starts_fresh: bool
) -> str:
    """Judge a training by its log and by its best epoch's validation; empty where there is nothing to mend.

    Args:
        log: The lines of the run.
        scores: Of the validation pictures, (N, C).
        truth: Which has which label, (N, C).
        starts_fresh: Whether it began without weights.
    """
    losses = train_losses(log)
    if not losses or len(truth) < LEAST:
        return ""
    # A network that knows nothing says 0.5 of every label.
    if text := too_fast(log, losses[-1], scores.shape[1] * math.log(2)):
        return text
    found = better_than_guessing(scores, truth)
    reached = mean_average_precision(scores, truth)
    if found and not any(found.values()):
        return _guessing(reached, 100 * float(truth.mean(0)[list(found)].mean()), len(truth), starts_fresh=starts_fresh)
    measured = f"mAP {reached:.0f} %"
    return by_heart(log, reached, (measured, measured), starts_fresh=starts_fresh)


def better_than_guessing(scores: npt.NDArray[np.floating[Any]], truth: Flags) -> dict[int, bool]:
    """Tell of each label with enough pictures whether its scores are higher for pictures that have it.

    One-sided rank test (Mann and Whitney 1947), all labels together wrong once in twenty times (Bonferroni).
    """
    from scipy.stats import norm, rankdata  # a training has it, and looks at it once

    present = truth.sum(0)
    enough = np.flatnonzero(np.minimum(present, len(truth) - present) >= _LEAST_OF_LABEL)
    limit = float(norm.isf(_CHANCE / max(1, len(enough))))
    answers = {}
    for label in enough:
        with_it, without = int(present[label]), int(len(truth) - present[label])
        ranks = rankdata(scores[:, label])[truth[:, label]].sum() - with_it * (with_it + 1) / 2
        spread = math.sqrt(with_it * without * (len(truth) + 1) / 12)
        answers[int(label)] = bool((ranks - with_it * without / 2) / spread > limit)
    return answers


def _guessing(reached: float, guessed: float, count: int, *, starts_fresh: bool) -> str:
    english, chinese = help_text(starts_fresh=starts_fresh)
    return say(
        f"No label is found better than by guessing: the mAP is {reached:.0f} % on {count} validation pictures, and "
        f"guesses have {guessed:.0f} %. {english}.",
        f"没有一个标签的结果比瞎猜好：{count} 张验证图片的 mAP 为 {reached:.0f} %，"
        f"瞎猜就有 {guessed:.0f} %。{chinese}。",
    )
