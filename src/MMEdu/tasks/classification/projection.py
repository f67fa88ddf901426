"""Features of pictures as points on a plane, and what lies among strangers. Arrays in, arrays out; no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Features = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

METHODS = {"pca": "PCA", "tsne": "t-SNE", "t-sne": "t-SNE"}
"""What each name of a method stands for."""

SMALLEST_TSNE = 5
"""Fewer pictures have no neighbourhoods that t-SNE could keep."""

_NEIGHBOURS = 10
_PERPLEXITY = 30.0
# Van der Maaten and Hinton (2008), section 4.2: reduce to some tens of dimensions by PCA first.
_BEFORE_TSNE = 50


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Among which classes N pictures lie.

    Attributes:
        others: The share of its neighbours that are of another class, (N,) from 0 to 1; NaN where the class has no
            second picture.
        among: The class that most of these others have, (N,); the own one where there are none.
        strangers: Pictures most of whose neighbours are of another class: the most lost first, of equals one of each
            class in turn.
    """

    others: npt.NDArray[np.float64]
    among: Labels
    strangers: tuple[int, ...]

    @property
    def at_home(self) -> float:
        """The share of the pictures most of whose neighbours are of their own class; of those that can be judged."""
        judged = self.others[~np.isnan(self.others)]
        return float((judged < 0.5).mean()) if judged.size else float("nan")


def directions(features: Features) -> Features:
    """Bring features (N, D) to length one and their mean to zero.

    What a network saw is in the direction: the length mostly says how bright and how full of contrast the picture is,
    and would take the first axis of the map.
    """
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.maximum(lengths, np.finfo(np.float32).tiny)
    return np.asarray(unit - unit.mean(axis=0), dtype=np.float32)


def project(unit: Features, method: str) -> tuple[npt.NDArray[np.float32], float]:
    """Lay features out on a plane; the same features give the same points.

    Args:
        unit: (N, D), as ``directions`` makes them.
        method: ``"PCA"`` or ``"t-SNE"``; the latter needs ``SMALLEST_TSNE`` pictures.

    Returns:
        (N, 2), and which share of all differences is on the plane, from 0 to 1; NaN for t-SNE, or where all are alike.
    """
    if np.abs(unit).max(initial=0) < 1e-6:
        return np.zeros((len(unit), 2), dtype=np.float32), float("nan")
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # One thread: sums in another order would give another map on each machine, and beside other work threads that wait
    # for each other take several times as long.
    with threadpool_limits(1):
        return _pca(unit, 2) if method == "PCA" else (_tsne(unit), float("nan"))


def _tsne(unit: Features) -> npt.NDArray[np.float32]:
    from sklearn.manifold import TSNE

    reduced, _ = _pca(unit, _BEFORE_TSNE)
    perplexity = min(_PERPLEXITY, (len(unit) - 1) / 3)
    points = TSNE(n_components=2, perplexity=perplexity, init="pca", random_state=0).fit_transform(reduced)
    return np.asarray(points, dtype=np.float32)


def _pca(unit: Features, dimensions: int) -> tuple[npt.NDArray[np.float32], float]:
    """The first axes, (N, dimensions) where there are as many and zeros beyond, and their share of the variance."""
    from sklearn.decomposition import PCA

    components = min(dimensions, *unit.shape)
    pca = PCA(components, random_state=0)
    points = np.zeros((len(unit), max(components, 2)), dtype=np.float32)
    points[:, :components] = pca.fit_transform(unit)
    return points, float(pca.explained_variance_ratio_.sum())


def neighbours(unit: Features, labels: Labels) -> Neighbours:
    """Judge each picture by its ten nearest, in a class of fewer by as many as it has others.

    Args:
        unit: (N, D), as ``directions`` makes them: near is what is near there, not on the map.
        labels: The N class numbers.
    """
    others, among = np.full(len(labels), np.nan), labels.copy()
    counts = np.bincount(labels)
    counted = np.minimum(_NEIGHBOURS, counts[labels] - 1)
    if len(labels) < 2 or not counted.any():
        return Neighbours(others, among, ())
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=int(counted.max()), algorithm="brute").fit(unit)
    for index, row in enumerate(nearest.kneighbors(return_distance=False)):
        if not counted[index]:
            continue
        near = labels[row[: counted[index]]]
        strange = near[near != labels[index]]
        others[index] = len(strange) / len(near)
        among[index] = np.bincount(strange).argmax() if len(strange) else labels[index]
    return Neighbours(others, among, _strangers(others, labels))


def _strangers(others: npt.NDArray[np.float64], labels: Labels) -> tuple[int, ...]:
    lost = np.flatnonzero(others > 0.5).tolist()  # NaN is not
    turns: dict[tuple[float, int], int] = {}
    order = []
    for index in lost:
        key = (float(others[index]), int(labels[index]))
        turns[key] = turns.get(key, -1) + 1
        order.append((-key[0], turns[key], key[1], index))
    return tuple(index for *_, index in sorted(order))


def typical(unit: Features, labels: Labels) -> dict[int, int]:
    """The picture of each class that is most like all of it: nearest to the mean of its features."""
    chosen = {}
    for label in np.unique(labels).tolist():
        members = np.flatnonzero(labels == label)
        far = ((unit[members] - unit[members].mean(axis=0)) ** 2).sum(axis=1)
        chosen[label] = int(members[far.argmin()])
    return chosen
