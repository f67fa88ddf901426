"""Opening every picture of a data set once, in parallel, and naming those that are damaged. Tasks and commands call it.

Whoever needs the pixels passes ``visit`` and keeps them: no picture is decoded twice. Nothing is repaired or deleted.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from BaseDT import contents, image
from BaseDT.dataset.samples import Sample
from BaseDT.errors import DatasetInvalid, ImageUnsupported, XEduError
from BaseDT.language import english, in_this_context, say, with_name
from BaseDT.readable import is_of_the_file, reason_of

Visit: TypeAlias = Callable[[int, Sample], object]
ReportProgress: TypeAlias = Callable[[int, int], None]

_SHOWN = 20
_SECONDS = 0.05  # between two reports of progress
# So many pictures a thread takes at a time: few enough that the end is even, enough that taking them costs nothing.
_CHUNK = 8


@dataclass(frozen=True)
class Damaged:
    """A picture that cannot be used.

    Attributes:
        path: Where it lies.
        reason: What is wrong with it.
        unsupported: Whether it is whole, but of a kind that is not read.
    """

    path: Path
    reason: str
    unsupported: bool = False


def check_images(
    samples: Sequence[Sample],
    visit: Visit | None = None,
    *,
    threads: int | None = None,
    progress: ReportProgress | None = None,
) -> tuple[Damaged, ...]:
    """Open every picture and return those that are damaged, in the order of ``samples``.

    Args:
        samples: The pictures; a damaged one of several samples is returned once.
        visit: Decodes one picture, called from several threads as ``visit(index, sample)``; by default it is decoded
            strictly and thrown away. ``ImageDamaged``, ``ImageUnsupported`` and the ``OSError`` of a file are
            collected; every other error ends the check.
        threads: How many; by default one for each processor, at most four.
        progress: Called as ``progress(done, total)`` from the calling thread, at most twenty times a second and once at
            the end.
    """
    number = max(1, min(threads or min(4, os.cpu_count() or 1), len(samples)))
    work = _Work(samples, visit or _decode, number)
    run = in_this_context(work.run)
    with ThreadPoolExecutor(number, thread_name_prefix="check") as pool:
        try:
            futures = [pool.submit(run, thread) for thread in range(number)]
            _await(futures, lambda: progress(work.done(), len(samples)) if progress else None)
        finally:
            work.stop.set()  # after Ctrl-C too: the pool then waits for the pictures in hand only
    if progress is not None:
        progress(len(samples), len(samples))
    damaged = [work.damaged[index] for index in sorted(work.damaged)]
    first = {item.path: item for item in reversed(damaged)}
    return tuple(item for item in damaged if first[item.path] is item)


def damaged_error(damaged: Sequence[Damaged], *, hint: str = "") -> DatasetInvalid:
    """Return the one error that names all damaged pictures, at most twenty by name, and the way out.

    Args:
        damaged: The pictures.
        hint: The way out; by default that of ``load_dataset``.
    """
    shown = [with_name(_short(picture.path), picture.reason) for picture in damaged[:_SHOWN]]
    listed = say(
        "; ".join(map(english, shown)),
        "；".join(shown),
    )
    more = (
        say(f"; and {len(damaged) - _SHOWN} more", f"；另有 {len(damaged) - _SHOWN} 张")
        if len(damaged) > _SHOWN
        else ""
    )
    pictures = (
        say("1 picture is", "1 张图片")
        if len(damaged) == 1
        else say(f"{len(damaged)} pictures are", f"{len(damaged)} 张图片")
    )
    what = _what_is_wrong(damaged)
    said = english(what)
    return DatasetInvalid(
        say(f"{english(pictures)} {said}: {english(listed)}{english(more)}", f"{pictures}{what}：{listed}{more}"),
        hint=hint
        or say(
            f"{'Repair' if said == 'damaged' else 'Save as .png'} or delete them; "
            'or load_dataset(path, check="skip") leaves them out.',
            f"请{'修复' if said == 'damaged' else '另存为 .png '}或删除这些图片；"
            '也可以用 load_dataset(path, check="skip") 跳过它们。',
        ),
    )


def _what_is_wrong(damaged: Sequence[Damaged]) -> str:
    """Say it as the reading of one picture says it: a whole GIF is not damaged."""
    kinds = {picture.unsupported for picture in damaged}
    if len(kinds) > 1:
        return say("damaged or unsupported", "已损坏或格式不支持")
    return say("unsupported", "格式不支持") if True in kinds else say("damaged", "已损坏")


class _Work:
    """The pictures, and how far the threads are with them."""

    def __init__(self, samples: Sequence[Sample], visit: Visit, threads: int) -> None:
        self.stop = threading.Event()
        self.damaged: dict[int, Damaged] = {}
        self._samples = samples
        self._visit = visit
        self._starts = iter(range(0, len(samples), _CHUNK))
        self._taking = threading.Lock()
        self._done = [0] * threads

    def done(self) -> int:
        """Return how many pictures have been visited."""
        return sum(self._done)

    def run(self, thread: int) -> None:
        """Visit pictures until none is left; every thread of the pool runs this."""
        for done, index in enumerate(self._indices(), 1):
            sample = self._samples[index]
            try:
                self._visit(index, sample)
            except (XEduError, OSError) as error:
                if not is_of_the_file(error):
                    raise
                self.damaged[index] = Damaged(
                    sample.path, _reason(error, sample.path), isinstance(error, ImageUnsupported)
                )
            self._done[thread] = done

    def _indices(self) -> Iterator[int]:
        while True:
            with self._taking:
                start = next(self._starts, None)
            if start is None:
                return
            for index in range(start, min(start + _CHUNK, len(self._samples))):
                if self.stop.is_set():
                    return
                yield index


def _await(futures: list[Future[None]], report: Callable[[], None]) -> None:
    """Report progress until the threads have finished; raise what one of them raised."""
    # A wait without a limit cannot be interrupted on Windows.
    while (waiting := wait(futures, _SECONDS)).not_done:
        for future in waiting.done:
            future.result()
        report()
    for future in futures:
        future.result()


def _decode(_index: int, sample: Sample) -> None:
    image.decode(contents.read_bytes(sample.path), name=_short(sample.path), strict=True)


def _short(path: Path) -> str:
    """Name a picture by its last folders: ``training_set/cat/1.png``."""
    return "/".join(path.parts[-3:])


def _reason(error: Exception, path: Path) -> str:
    """Return what an image's error says behind the name of the file."""
    sentence = reason_of(error)
    plain = english(sentence)
    return say(
        (plain.partition(f"{path.name}, ")[2] or plain).rstrip("."),
        (sentence.partition(f"{path.name}，")[2] or sentence).rstrip("。."),
    )
