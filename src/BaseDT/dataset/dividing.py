"""Which pictures are for training, validation and test: functions of names, classes and a seed alone.

The order of a folder, the machine and Python's own hashes have no part in it. No file is touched here.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from BaseDT.arguments import check_number
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.names import composed

#: The index of a split in every triple here.
TRAIN, VAL, TEST = range(3)
SPLITS = ("train", "val", "test")
_NAMES = (
    frozenset({"train", "training", "trainning"}),
    frozenset({"val", "valid", "validation"}),
    frozenset({"test", "testing"}),
)
_FILLERS = frozenset({"set", "data", "images", "image", "instances", "annotations", "labels", "coco"})
_EPSILON = 1e-6
_HELD_OUT = 5
"""One in so many pictures of a class is held out."""

T = TypeVar("T")


@dataclass(frozen=True)
class Ratios:
    """The shares of training, validation and test; together 1. ``usual`` where nobody wrote them."""

    train: float
    val: float
    test: float
    usual: bool = False

    def shares(self) -> tuple[float, float, float]:
        """Return the three in the order of ``SPLITS``."""
        return self.train, self.val, self.test

    def splits_in_use(self) -> list[int]:
        """Return the splits that shall have pictures."""
        return [split for split, share in enumerate(self.shares()) if share > 0]


class UsualRatio(float):
    """A ratio that nobody wrote: where the owner has divided the set, his division stays."""


def split_named(name: str) -> int | None:
    """Return the split that the name of a folder or file means; None where it means none."""
    words = set(re.findall(r"[a-z]+", name.lower())) - _FILLERS
    return next((split for split, known in enumerate(_NAMES) if words and words <= known), None)


def as_divided(splits: Sequence[int | None], ratios: Ratios) -> tuple[list[int], Ratios] | None:
    """Return the splits of a set that its owner has divided, and their shares; None where nobody has.

    Args:
        splits: Of each picture.
        ratios: What the user wrote; his own ratios divide anew.
    """
    known = [split for split in splits if split is not None]
    if not ratios.usual or not known or len(known) < len(splits):
        return None
    train, val, test = (known.count(split) / len(known) for split in range(len(SPLITS)))
    return known, Ratios(train, val, test, usual=True)


def kept_note() -> str:
    """Say that a division was kept."""
    return say(
        "The data set was divided already: its parts are kept. Ratios that you give divide it anew.",
        "数据集已经划分好，保持原有划分。如需重新划分，请明确给出比例（train_ratio 等）。",
    )


def ratios(train_ratio: object, test_ratio: object, val_ratio: object) -> Ratios:
    """Return the shares that the user wrote.

    Raises:
        ParameterInvalid: One is no number from 0 to 1, nothing is left to train with, or their sum is not 1 (-305).
    """
    arguments = {"train_ratio": train_ratio, "test_ratio": test_ratio, "val_ratio": val_ratio}
    values = {name: check_number(name, value) for name, value in arguments.items()}
    listed = ", ".join(f"{name}={value:g}" for name, value in values.items())
    hint = say(
        "Each is between 0 and 1, together they are 1, e.g. 0.7, 0.1, 0.2.",
        "每个比例都在 0 到 1 之间，三者之和为 1，例如 0.7、0.1、0.2。",
    )
    if not all(0 <= value <= 1 for value in values.values()):
        raise ParameterInvalid(
            say(f"A ratio is not between 0 and 1: {listed}.", f"比例不在 0 到 1 之间：{listed}。"), hint=hint
        )
    if abs(sum(values.values()) - 1) > _EPSILON:
        raise ParameterInvalid(
            say(
                f"The ratios add up to {sum(values.values()):g}: {listed}.",
                f"比例之和为 {sum(values.values()):g}：{listed}。",
            ),
            hint=hint,
        )
    if values["train_ratio"] <= 0:
        raise ParameterInvalid(
            say(f"Nothing would be left to train with: {listed}.", f"没有留下用于训练的图片：{listed}。"),
            hint=say("train_ratio must be more than 0.", "train_ratio 必须大于 0。"),
        )
    usual = all(isinstance(value, UsualRatio) for value in arguments.values())
    return Ratios(values["train_ratio"], values["val_ratio"], values["test_ratio"], usual=usual)


def by_class(keys: Sequence[str], labels: Sequence[int], ratios: Ratios, seed: int) -> list[int]:
    """Divide pictures of one class each: every class in the same ratio, at least one of each in training.

    A class with enough pictures has at least one in every split.

    Args:
        keys: A name for each picture, different for all.
        labels: The class of each.
        ratios: The shares.
        seed: Another number gives another division.

    Returns:
        The split of each picture: ``TRAIN``, ``VAL`` or ``TEST``.
    """
    chosen = [TRAIN] * len(keys)
    for label in sorted(set(labels)):
        members = ranked(keys, (i for i, its in enumerate(labels) if its == label), seed)
        counts = _at_least_one(allotted(len(members), ratios.shares()), ratios.splits_in_use())
        _assign(chosen, members, counts)
    return chosen


def by_rarest(keys: Sequence[str], labels: Sequence[frozenset[int]], ratios: Ratios, seed: int) -> list[int]:
    """Divide pictures that show several classes, or none: each counts for the rarest class that it shows.

    What rounding takes from one class the next ones give back, so that the whole keeps the ratio; then every class
    gets at least one training picture. After Sechidis et al., On the Stratification of Multi-Label Data, 2011.

    Args:
        keys: As in ``by_class``.
        labels: The classes that each picture shows.
        ratios: The shares.
        seed: As in ``by_class``.
    """
    frequency = Counter(label for labels_in_picture in labels for label in labels_in_picture)
    rarest = [
        min(labels_in_picture, key=lambda label: (frequency[label], label), default=None)
        for labels_in_picture in labels
    ]
    order = sorted(frequency, key=lambda label: (frequency[label], label))
    chosen = [TRAIN] * len(keys)
    carry = (0.0, 0.0, 0.0)
    # The rarest class comes first: it has the least room for a fair part. Pictures without a class come last.
    for stratum in (*order, None):
        members = ranked(keys, (i for i, its in enumerate(rarest) if its == stratum), seed)
        exact = [len(members) * share + over for share, over in zip(ratios.shares(), carry, strict=True)]
        counts = _filled(len(members), exact)
        carry = (exact[0] - counts[0], exact[1] - counts[1], exact[2] - counts[2])
        _assign(chosen, members, counts)
    for label in order:
        showing = ranked(keys, (i for i, labels_in_picture in enumerate(labels) if label in labels_in_picture), seed)
        # Its pictures may all count for rarer classes that they show, too, and none of them train.
        if all(chosen[index] != TRAIN for index in showing):
            chosen[showing[0]] = TRAIN
    return chosen


def allotted(count: int, shares: Sequence[float]) -> list[int]:
    """Return how many of ``count`` things each share gets: largest remainders, the first of equal ones."""
    return _filled(count, [count * share for share in shares])


def _filled(count: int, exact: Sequence[float]) -> list[int]:
    """Give out ``count`` things one by one, each to the share that lacks most."""
    counts, lacking = [0] * len(exact), list(exact)
    for _ in range(count):
        # Rounded, so that the last bits of a product never decide.
        split = max(range(len(exact)), key=lambda index: (round(lacking[index], 9), -index))
        counts[split] += 1
        lacking[split] -= 1
    return counts


def _at_least_one(counts: list[int], splits: Sequence[int]) -> list[int]:
    """Give every wanted split one; where there are too few for all, the first ones."""
    for split in splits[: sum(counts)]:
        if not counts[split]:
            counts[max(range(len(counts)), key=lambda index: (counts[index], index))] -= 1
            counts[split] += 1
    return counts


def _assign(chosen: list[int], members: Sequence[int], counts: Sequence[int]) -> None:
    splits = [split for split, count in enumerate(counts) for _ in range(count)]
    for index, split in zip(members, splits, strict=True):
        chosen[index] = split


def ranked(keys: Sequence[str], indices: Iterable[int], seed: int) -> list[int]:
    """Return indices in an order that depends on names and seed alone.

    Args:
        keys: The names.
        indices: Which of them.
        seed: Another number gives another order.
    """
    return sorted(indices, key=lambda index: (_rank(keys[index], seed), keys[index]))


def _rank(key: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}\0{composed(key)}".encode("utf-8", "surrogatepass"), digest_size=8).digest()


def hold_out(images: Sequence[str]) -> frozenset[str]:
    """Choose the training pictures of one class that validate where there is no ``val_set``: a fifth of them.

    Rounded, and at least one if there are two: every class in the same share. The choice follows from the pictures'
    names alone, not from a seed. Pictures added later move few others across.

    Args:
        images: Posix paths relative to the training folder, class folder included.
    """
    if len(images) < 2:
        return frozenset()
    by_hash = sorted((_hash_of(image), image) for image in images)
    return frozenset(image for _, image in by_hash[: max(1, round(len(images) / _HELD_OUT))])


def _hash_of(image: str) -> bytes:
    """Bytes that depend on nothing but the name, however its accents are written."""
    return hashlib.blake2b(composed(image).encode("utf-8", "surrogatepass"), digest_size=8).digest()


def spread(samples: Sequence[T], count: int) -> list[T]:
    """Choose ``count`` samples at equal distances: evenly over all classes where they are sorted by class."""
    if len(samples) <= count:
        return list(samples)
    return [samples[int(index)] for index in np.linspace(0, len(samples) - 1, count).round()]
