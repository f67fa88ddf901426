"""How right a learner is on pictures that it was not shown: each is left out once, and named by what the others teach.

Frames of a camera that follow each other are nearly the same picture: with its neighbours at hand, a single frame that
is left out is no test. So runs of them are left out together.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from XEdu.teach.softmax_regression import Floats, Labels, fit

BLOCKS = 5
"""Of each class, in the order of arrival; so often is trained."""
_PAIRS = 400
"""Are looked at to find how far apart pictures are."""


def right_and_judged(features: Floats, labels: Labels) -> tuple[int, int]:
    """Leave blocks of pictures out; arguments as for ``answers``.

    Returns:
        How many pictures were named rightly, and how many were judged: the only one of its class is not.
    """
    said = answers(features, labels)
    judged = ~np.isnan(said[:, 0])
    return int((said[judged].argmax(1) == labels[judged]).sum()), int(judged.sum())


def answers(features: Floats, labels: Labels, stop: Callable[[], bool] = lambda: False) -> Floats:
    """Say of each picture what the others teach, blocks of them left out at a time.

    Args:
        features: (N, D), in the order of arrival.
        labels: (N,), of at least two classes, from 0 without a gap.
        stop: Asked before each block; once it says yes, the rest is not judged.

    Returns:
        Probabilities, (N, classes); NaN in the row of a picture that is not judged, as the only one of its class.
    """
    classes, blocks = int(labels.max()) + 1, blocks_of(labels)
    said: Floats = np.full((len(labels), classes), np.nan, np.float32)
    for block in range(BLOCKS):
        if stop():
            break
        out = blocks == block
        if out.any():
            said[out] = fit(features[~out], labels[~out], classes).probabilities(features[out])
    return said


def steps(features: Floats, labels: Labels) -> float:
    """Tell how far a picture is from the one of its class that came before it, as a share of how far any two are.

    Frames of one film step little: what was left out then has its like among what was not. Of pictures that were taken
    one by one it is nearly 1.

    Args:
        features: (N, D), in the order of arrival.
        labels: (N,).

    Returns:
        The ratio of the medians; 1 where there is nothing to compare.
    """
    order = np.argsort(labels, kind="stable")
    same = np.flatnonzero(labels[order[1:]] == labels[order[:-1]])
    one_by_one = np.linalg.norm(features[order[same + 1]] - features[order[same]], axis=1)
    pairs = np.random.default_rng(0).integers(0, len(labels), (2, _PAIRS))
    pairs = pairs[:, pairs[0] != pairs[1]]
    apart = np.linalg.norm(features[pairs[0]] - features[pairs[1]], axis=1)
    if not len(one_by_one) or not len(apart) or not (typical := float(np.median(apart))):
        return 1.0
    return float(np.median(one_by_one)) / typical


def blocks_of(labels: Labels) -> npt.NDArray[np.intp]:
    """Number the blocks of each class in the order of arrival, (N,); the only picture of a class is in none: -1."""
    blocks = np.full(len(labels), -1, np.intp)
    for label in range(int(labels.max()) + 1):
        places = np.flatnonzero(labels == label)
        if len(places) > 1:
            blocks[places] = np.arange(len(places)) * min(BLOCKS, len(places)) // len(places)
    return blocks
