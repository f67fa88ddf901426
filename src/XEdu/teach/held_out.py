"""How right a learner is on pictures that it was not shown: each is left out once, and named by what the others teach.

Frames of a camera that follow each other are nearly the same picture: with its neighbours at hand, a single frame that
is left out is no test. So runs of them are left out together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from XEdu.teach.softmax_regression import Floats, Labels, fit

BLOCKS = 5
"""Of each class, in the order of arrival; so often is trained."""


def right_and_judged(features: Floats, labels: Labels) -> tuple[int, int]:
    """Leave blocks of pictures out.

    Args:
        features: (N, D), in the order of arrival.
        labels: (N,), of at least two classes, from 0 without a gap.

    Returns:
        How many pictures were named rightly, and how many were judged: the only one of its class is not.
    """
    classes, blocks = int(labels.max()) + 1, blocks_of(labels)
    right = judged = 0
    for block in range(BLOCKS):
        out = blocks == block
        if out.any():
            layer = fit(features[~out], labels[~out], classes)
            right += int((layer.probabilities(features[out]).argmax(1) == labels[out]).sum())
            judged += int(out.sum())
    return right, judged


def blocks_of(labels: Labels) -> npt.NDArray[np.intp]:
    """Number the blocks of each class in the order of arrival, (N,); the only picture of a class is in none: -1."""
    blocks = np.full(len(labels), -1, np.intp)
    for label in range(int(labels.max()) + 1):
        places = np.flatnonzero(labels == label)
        if len(places) > 1:
            blocks[places] = np.arange(len(places)) * min(BLOCKS, len(places)) // len(places)
    return blocks
