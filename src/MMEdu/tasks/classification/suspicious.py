"""Suspicious labels of a classification set: pictures that lie among those of one other class, as in ``feature_map``.

Photographs are seen by a pretrained network whose weights are here, small gray pictures as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from BaseDT import image
from BaseDT.dataset import lookalikes
from BaseDT.dataset.dividing import spread
from BaseDT.dataset.samples import ImageNetDataset, Listed
from BaseDT.errors import DependencyMissing
from BaseDT.image import ImageSource
from BaseDT.language import say
from MMEdu.engine.events import Listener
from MMEdu.models import registry
from MMEdu.requirements import require_train
from MMEdu.tasks.classification import projection
from MMEdu.tasks.classification.starting import are_small_and_gray
from MMEdu.tasks.deep_check import Looks, shown
from MMEdu.tasks.deep_page import Section, Shown
from MMEdu.weights import catalogue
from XEdu.weights import weights_folder

if TYPE_CHECKING:
    from MMEdu.weights.loaded_model import LoadedModel

_NETWORK = "EfficientNet_Lite0"
_LOST = 0.9  # of the ten nearest pictures are of another class
# How many times farther the own class is. Measured with planted wrong labels: all were above, and of the other
# pictures of Fashion-MNIST one in 350 (shirts that are pullovers to anybody), of cats and dogs none.
_RATIO_OF_NETWORK, _RATIO_AS_THEY_ARE = 1.05, 1.5
_NEAREST = 5
_SMALLEST_CLASS = 8
_AT_HOME = 0.7  # below, the classes cannot be told apart by what is seen, and no label looks wrong
_MOST = 2000


@dataclass(frozen=True)
class _Seen:
    """Pictures as something sees them: their places, features (N, D), and the ratio from which one is lost."""

    places: npt.NDArray[np.int64]
    features: npt.NDArray[np.float32]
    least_ratio: float


def suspicious_labels(dataset: ImageNetDataset, looks: Looks, emit: Listener) -> tuple[list[Section], list[str]]:
    """Find pictures that lie among those of another class; returns sections for the page, and remarks.

    Args:
        dataset: The data set.
        looks: What its pictures look like.
        emit: Told of progress.
    """
    pictures = dataset.listed()
    try:
        require_train()
        if are_small_and_gray(dataset):
            seen = _as_they_are(looks)
        elif (model := _network()) is None:
            return [], [_without_weights()]
        else:
            seen = _by_network(model, pictures, looks, emit)
    except DependencyMissing as error:
        why = say("Labels were not judged. ", "未检查标签。")
        return [], [f"{why}{error.hint or error.message}"]
    if len(seen.places) < _SMALLEST_CLASS:
        return [], []
    labels = np.array([pictures[place].label for place in seen.places], dtype=np.int64)
    unit = projection.directions(seen.features)
    near = projection.neighbours(unit, labels)
    remarks = _remarks(len(seen.places), sum(side > 0 for side in looks.short_sides))
    if not near.at_home >= _AT_HOME:  # NaN is not
        text = say(
            "Labels were not judged: by what is seen the classes cannot be told apart.",
            "未检查标签：仅凭外观无法区分这些类别。",
        )
        return [], [*remarks, text]
    groups = []
    for index in _lost(unit, labels, near, seen.least_ratio):
        other = dataset.classes[int(near.among[index])]
        note = say(f"like {other}", f"像 {other}")
        groups.append((shown(pictures[seen.places[index]], dataset.root, dataset.classes, note),))
    return ([_section(tuple(groups))] if groups else []), remarks


def _lost(
    unit: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], near: projection.Neighbours, least: float
) -> list[int]:
    """Return the pictures that are much nearer to another class than to their own, those that are so most first."""
    counts = np.bincount(labels)
    lost = [i for i in near.strangers if near.others[i] >= _LOST and counts[labels[i]] >= _SMALLEST_CLASS]
    ratios = {}
    for index in lost:
        distances = np.linalg.norm(unit - unit[index], axis=1)
        distances[index] = np.inf
        own, other = (_nearest(distances[labels == label]) for label in (labels[index], near.among[index]))
        ratios[index] = own / max(other, 1e-6)
    return sorted((i for i in lost if ratios[i] >= least), key=lambda i: -ratios[i])


def _nearest(distances: npt.NDArray[np.float32]) -> float:
    return float(np.sort(distances)[:_NEAREST].mean())


def _section(groups: tuple[tuple[Shown, ...], ...]) -> Section:
    return Section(
        "suspicious_labels",
        say("Suspicious labels", "可疑的标签"),
        say(
            "Look whether the label is right: if not, move the picture into the folder of its class.",
            "请核对标签：如果放错了，把图片移到正确类别的文件夹。",
        ),
        groups,
    )


def _network() -> LoadedModel | None:
    """Return a pretrained network whose weights are here; nothing is fetched."""
    entry = registry.find(_NETWORK, "classification")
    found = next(filter(None, map(weights_folder.found, catalogue.usual(entry))), None)
    if found is None:
        return None
    from MMEdu.weights.loaded_model import load_model

    return load_model(entry, found, "cpu")


def _without_weights() -> str:
    return say(
        f"Labels were not judged: that needs the weights of {_NETWORK}: mmedu weights get {_NETWORK}.",
        f"未检查标签：需要 {_NETWORK} 的权重，请先运行 mmedu weights get {_NETWORK}。",
    )


def _as_they_are(looks: Looks) -> _Seen:
    """Take small gray pictures as they are: their signatures, with the patches of light in their own strength."""
    places = np.flatnonzero(looks.signatures.any(axis=1))
    return _Seen(places, lookalikes.unweighted(looks.signatures[places]), _RATIO_AS_THEY_ARE)


def _by_network(model: LoadedModel, pictures: Sequence[Listed], looks: Looks, emit: Listener) -> _Seen:
    """Let a network look at the pictures, of a large set at some."""
    from MMEdu.tasks.classification.embedding import embed

    places = spread([place for place in range(len(pictures)) if looks.short_sides[place]], _MOST)
    sources: list[ImageSource] = [pictures[place].path for place in places]
    features, predictions = embed(model, sources, emit)
    items, _ = image.expand(sources)
    place_of = {item.name: place for item, place in zip(items, places, strict=True)}
    read = np.array([place_of[name] for name in predictions.files], dtype=np.int64)
    return _Seen(read, features, _RATIO_OF_NETWORK)


def _remarks(judged: int, of: int) -> list[str]:
    if judged >= of:
        return []
    return [say(f"The labels of {judged} of {of} pictures were judged.", f"检查了 {of} 张图片中 {judged} 张的标签。")]
