"""Reading many files when some cannot be read: these are reported and left out, the others come in their order.

Everybody who reads pictures in numbers calls it. What is read, and how it is reported, is the caller's.
"""

from __future__ import annotations

import errno
import functools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeAlias, TypeVar

from BaseDT.errors import ImageDamaged, ImageNotFound, ImageUnsupported, XEduError
from BaseDT.language import in_this_context, system_reason

T = TypeVar("T")
R = TypeVar("R")
OnUnreadable: TypeAlias = Callable[[T, Exception], object]
"""Called in the caller's thread with an item and why it cannot be read."""

# The machine is exhausted, not the file damaged.
_NOT_THE_FILE = frozenset({errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
# Threads read so many items ahead each: enough to be busy, few enough that not all pictures are in memory.
_AHEAD = 2


def is_of_the_file(error: Exception) -> bool:
    """Tell whether an error is the file's own; not one of this program, or of a machine out of memory, disk or handles.

    The file's own are ``ImageDamaged``, ``ImageUnsupported``, and an ``OSError`` of reading (gone, not permitted,
    broken disk), ``ImageNotFound`` among them.
    """
    if isinstance(error, XEduError):
        return isinstance(error, (ImageDamaged, ImageUnsupported, ImageNotFound))
    return isinstance(error, OSError) and error.errno not in _NOT_THE_FILE


def reason_of(error: Exception) -> str:
    """Return an error's sentence, without code and hint."""
    if isinstance(error, XEduError):
        return error.message
    return system_reason(error)


def read_all(
    items: Iterable[T],
    read: Callable[[T], R],
    on_unreadable: OnUnreadable[T],
    *,
    threads: int = 1,
    needs_one: bool = False,
) -> Iterator[tuple[T, R]]:
    """Read items one after the other; give what can be read, each with its item, in their order.

    Args:
        items: Taken as they are needed.
        read: Reads one.
        on_unreadable: Told of each that cannot be read; see ``is_of_the_file``. Every other error ends the reading.
        threads: How many read at a time; 1 reads in the caller's.
        needs_one: Whether it is an error that there were items and none of them could be read.

    Raises:
        ImageDamaged: With ``needs_one``: the first error of all, of whatever kind that is.
    """
    first: Exception | None = None
    for item, result in _results(items, read, threads):
        try:
            value = result()
        except (XEduError, OSError) as error:
            if not is_of_the_file(error):
                raise
            first = first or error
            on_unreadable(item, error)
            continue
        needs_one = False
        yield item, value
    if needs_one and first is not None:
        raise first


def _results(items: Iterable[T], read: Callable[[T], R], threads: int) -> Iterator[tuple[T, Callable[[], R]]]:
    """Give each item with a function that returns what was read, or raises why not."""
    if threads <= 1:
        yield from ((item, functools.partial(read, item)) for item in items)
        return
    work, remaining = in_this_context(read), iter(items)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="read")
    try:
        futures = deque((item, pool.submit(work, item)) for item in islice(remaining, threads * _AHEAD))
        while futures:
            item, future = futures.popleft()
            yield item, future.result
            futures.extend((item, pool.submit(work, item)) for item in islice(remaining, 1))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)  # the caller may stop in the middle
