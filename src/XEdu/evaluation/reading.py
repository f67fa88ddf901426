"""Reading the pictures of a labelled set for a model, some at a time; those that cannot be read are kept with why."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from BaseDT.dataset.scan import folders_in, holds_pictures
from BaseDT.errors import DatasetInvalid
from BaseDT.escaping import one_line
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.language import say
from BaseDT.readable import read_all, reason_of
from XEdu.evaluation.kind import Damaged, HasPath, Progress

_CHUNK, _THREADS = 16, 4
_SHOWN = 5

S = TypeVar("S", bound=HasPath)


def batches(
    pictures: Sequence[S], damaged: list[Damaged], progress: Progress, *, reading: Reading
) -> Iterator[list[tuple[S, Pixels]]]:
    """Give the pictures that can be read, sixteen at a time, each with what is known of it.

    Args:
        pictures: Of the set.
        damaged: Those that cannot be read are added to it.
        progress: Told after each batch.
        reading: How the model wants them.

    Raises:
        DatasetInvalid: None can be read (-201).
    """
    pairs = read_all(
        pictures,
        lambda picture: reading.of(picture.path),
        lambda picture, error: damaged.append(Damaged(picture.path, reason_of(error))),
        threads=_THREADS,
    )
    done = 0
    while part := list(itertools.islice(pairs, _CHUNK)):
        yield part
        done += len(part)
        progress(min(done + len(damaged), len(pictures)), len(pictures))
    if not done:
        raise nothing_readable(damaged)


def damaged_text(damaged: Sequence[Damaged]) -> list[str]:
    """Say which pictures could not be judged."""
    if not damaged:
        return []
    names = say("; ", "；").join(one_line(f"{item.path.name}: {item.reason}") for item in damaged[:_SHOWN])
    more = " …" if len(damaged) > _SHOWN else ""
    return [
        say(
            f"Cannot be read, and so not judged ({len(damaged)}): {names}{more}",
            f"无法读取，未参与评估（{len(damaged)} 张）：{names}{more}",
        )
    ]


def nothing_readable(damaged: Sequence[Damaged]) -> DatasetInvalid:
    """Make the error of a set of which no picture can be read (-201)."""
    first = f"{damaged[0].path.name}: {damaged[0].reason}" if damaged else ""
    return DatasetInvalid(
        say(
            f"None of the {len(damaged)} pictures can be read ({one_line(first)}).",
            f"{len(damaged)} 张图片都无法读取（{one_line(first)}）。",
        ),
        hint=say("Give a data set with whole pictures.", "请给出图片完好的数据集。"),
    )


def folders_found(root: Path) -> str:
    """Name the folders with pictures, a few, in brackets, for a folder that is labelled in no known form."""
    names = [name for name in folders_in(root) if holds_pictures(root / name)][:_SHOWN]
    return say(
        f" (folders with pictures: {', '.join(names)})" if names else "",
        f"（含图片的文件夹：{'、'.join(names)}）" if names else "",
    )
