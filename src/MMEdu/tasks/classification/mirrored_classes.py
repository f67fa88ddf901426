"""Classes that are each other's mirror, such as arrows to the left and to the right: training must not flip them.

A network that was trained with flips cannot be asked: it has learnt that both are the same. So a small probe learns
the two classes from the training pictures as they are, without it, and answers for the validation pictures, as they
are and mirrored. Where mirroring turns its answers round, the classes are mirrored ones. Torch-free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.dataset.dividing import spread
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.metrics import confusion_matrix
from BaseDT.readable import read_all
from MMEdu.tasks.classification.samples import LabelledPictures
from XEdu.teach.softmax_regression import LastLayer, fit

Labels: TypeAlias = npt.NDArray[np.integer[Any]]
Floats: TypeAlias = npt.NDArray[np.float32]

_CONFUSED = 0.05
"""Of the pictures of two classes, taken for one another, before they are looked at. The best of many epochs that guess
has a lucky one: nine tenths right were seen of arrows."""
_LEAST = 6
_MOST_PAIRS, _MOST_PICTURES = 3, 120
_CHANCE = 0.02
"""A guess is right, or wrong, as often in so many of a hundred trials: the probe must do better, both ways."""
_SIDE, _CELLS, _BINS = 48, 6, 8
_OFFSETS = [(y, x) for step in (3, 6, 12) for y, x in ((0, step), (step, 0), (step, step), (step, -step))]


@dataclass(frozen=True)
class MirrorCheck:
    """Looks for mirrored classes among those that a training mixed up.

    Attributes:
        classes: Their names by label.
        train: The training pictures as the network sees them, unvaried.
        val: The validation pictures likewise.
    """

    classes: Sequence[str]
    train: LabelledPictures
    val: LabelledPictures

    def __call__(self, scores: npt.NDArray[np.floating[Any]], indices: npt.NDArray[np.int64]) -> str:
        """Name the first pair of mirrored classes and what helps; empty where there is none.

        Args:
            scores: Of the validation pictures, (N, C).
            indices: Which pictures of ``val`` these are, (N,).
        """
        confusion = confusion_matrix(self.val.labels[indices], scores.argmax(1), len(self.classes))
        for a, b in confused_pairs(confusion):
            if self._are_mirrored(a, b, accuracy=(confusion[a, a] + confusion[b, b]) / _of_pair(confusion, a, b)):
                return _text(self.classes[a], self.classes[b])
        return ""

    def _are_mirrored(self, a: int, b: int, *, accuracy: float) -> bool:
        known, answers = _described(self.train, (a, b), mirrored=False)
        straight, labels = _described(self.val, (a, b), mirrored=False)
        if min(len(set(answers.tolist())), len(set(labels.tolist()))) < 2:
            return False
        turned, _ = _described(self.val, (a, b), mirrored=True)
        probe = fit(known, answers, 2)
        right, count = _right(probe, straight, labels), len(labels)
        wrong_mirrored = count - _right(probe, turned, labels)
        return right >= accuracy * count and is_surely_more(right, count) and is_surely_more(wrong_mirrored, count)


def is_surely_more(hits: int, count: int) -> bool:
    """Whether one who throws a coin would hardly ever hit so often, by an exact binomial test."""
    from scipy.special import bdtrc  # a training has it

    return bool(hits > 0 and bdtrc(hits - 1, count, 0.5) <= _CHANCE)


def confused_pairs(confusion: npt.NDArray[np.integer[Any]]) -> list[tuple[int, int]]:
    """List the pairs of classes that are often taken for one another, the worst first.

    Args:
        confusion: (C, C): truth, prediction.
    """
    wrong = {
        (a, b): int(confusion[a, b] + confusion[b, a])
        for a in range(len(confusion))
        for b in range(a + 1, len(confusion))
        if confusion[a, b] or confusion[b, a]
    }
    often = [p for p, w in wrong.items() if (n := _of_pair(confusion, *p)) >= _LEAST and w >= _CONFUSED * n]
    return sorted(often, key=lambda pair: -wrong[pair])[:_MOST_PAIRS]


def _of_pair(confusion: npt.NDArray[np.integer[Any]], a: int, b: int) -> int:
    return int(confusion[np.ix_((a, b), (a, b))].sum())


def _right(probe: LastLayer, features: Floats, labels: npt.NDArray[np.intp]) -> int:
    return int((probe.probabilities(features).argmax(1) == labels).sum())


def _described(
    samples: LabelledPictures, pair: tuple[int, int], *, mirrored: bool
) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Describe pictures of two classes: (N, D), and whether each is of the second, (N,)."""
    chosen = [i for label in pair for i in spread(np.flatnonzero(samples.labels == label).tolist(), _MOST_PICTURES)]
    pictures = list(read_all(chosen, lambda index: samples.load(index, strict=False), _named_by_the_training))
    views = [describe(pixels[:, ::-1] if mirrored else pixels) for _, pixels in pictures]
    labels = np.array([samples.labels[index] == pair[1] for index, _ in pictures], dtype=np.intp)
    return np.array(views, dtype=np.float32), labels


def _named_by_the_training(index: int, error: Exception) -> None:
    """Pass over a file that cannot be read."""


def describe(pixels: Pixels) -> Floats:
    """Describe the edges of a picture: where which directions are, and which directions lie beside which.

    Histograms of oriented gradients (Dalal and Triggs 2005) tell mirrored things apart that keep their place, and
    their co-occurrence (Watanabe, Ito and Yokoi 2009) those that lie anywhere.

    Args:
        pixels: (H, W, C) uint8.
    """
    gray = cv2.resize(pixels.mean(axis=2).astype(np.float32), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    across, down = cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)
    strength = np.sqrt(np.hypot(across, down))
    direction = np.floor((np.arctan2(down, across) / (2 * np.pi) + 0.5) * _BINS).astype(np.intp) % _BINS
    y, x = np.indices(gray.shape) * _CELLS // _SIDE
    places = np.bincount((((y * _CELLS) + x) * _BINS + direction).ravel(), strength.ravel(), _CELLS**2 * _BINS)
    parts = [places, *_neighbours(direction, strength)]
    return np.concatenate([part / (np.linalg.norm(part) + 1e-6) for part in parts]).astype(np.float32)


def _neighbours(direction: npt.NDArray[np.intp], strength: Floats) -> Iterator[npt.NDArray[np.float64]]:
    """Give for each offset how often one direction lies beside another, weighed by the weaker edge."""
    for down, across in _OFFSETS:
        here = np.s_[: _SIDE - down, max(0, -across) : _SIDE - max(0, across)]
        there = np.s_[down:, max(0, across) : _SIDE + min(0, across)]
        pairs = direction[here] * _BINS + direction[there]
        weaker = np.minimum(strength[here], strength[there])
        yield np.bincount(pairs.ravel(), weaker.ravel(), _BINS**2).astype(np.float64)


def _text(a: str, b: str) -> str:
    return say(
        f"'{a}' and '{b}' are each other's mirror image, and training showed pictures mirrored, too, which leaves "
        "nothing to tell them apart by. Train again with train(flip=False), or --no-flip.",
        f"“{a}”和“{b}”互为镜像，而训练时也使用了左右翻转的图片，因此模型无法区分它们。"
        "请用 train(flip=False)（命令行 --no-flip）重新训练。",
    )
