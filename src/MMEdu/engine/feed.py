"""The feed: samples to batches, in threads, ahead of the computation. Torch-free.

Order and augmentation are functions of (seed, epoch, sample) alone, so that the number of threads never changes a
number. Threads and not processes: OpenCV releases the GIL, and processes break notebooks and need guarded scripts.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetInvalid, XEduError
from BaseDT.language import in_this_context, say, with_name
from BaseDT.readable import is_of_the_file, reason_of
from MMEdu.engine.protocol import Batch, Cached, Samples
from MMEdu.engine.store import SampleStore
from XEdu.runtime.threads import available

Indices = npt.NDArray[np.int64]
_AHEAD = 2  # batches: one that is taken, one that is made meanwhile


class Feed(Protocol):
    """Batches of an epoch; ``steps`` of them."""

    @property
    def steps(self) -> int:
        """How many batches an epoch has."""

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, counted from 0."""


def default_threads() -> int:
    """Feeding threads: a few are enough to decode ahead, more only fight the computation for the cores."""
    return max(2, min(8, available()))


def split_batches(order: Indices, batch_size: int) -> list[Indices]:
    """Cut an epoch's order into batches; a last batch of one joins the one before it.

    A sample alone has no variance: batch normalisation cannot train on it.
    """
    cuts = list(range(batch_size, len(order), batch_size))
    if cuts and batch_size > 1 and len(order) - cuts[-1] == 1:
        cuts.pop()
    return np.split(order, cuts)


def shuffled(count: int, seed: int, epoch: int, rank: int = 0, world: int = 1) -> Indices:
    """Order an epoch's samples for one of ``world`` processes; all get as many, if need be some samples twice."""
    order = np.random.Generator(np.random.PCG64((seed, epoch))).permutation(count)
    if 1 < count <= world:  # one each: batch normalisation needs a second, and not the same again
        return np.array([order[(rank + step) % count] for step in range(2)], dtype=np.int64)
    return np.resize(order, share_of(count, world) * world)[rank::world].astype(np.int64)


def share_of(count: int, world: int) -> int:
    """How many samples each of ``world`` processes has in an epoch.

    A process with fewer steps would leave the others waiting for its gradients for ever.
    """
    return 2 if 1 < count <= world else -(-count // world)


def random_of(seed: int, epoch: int, index: int) -> np.random.Generator:
    """The random numbers of one sample in one epoch; a counter-based generator costs nothing to set up."""
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, index, epoch, 0]))


class SampleSource:
    """Samples of a set through its store: loaded once, then taken from there.

    Args:
        samples: The set.
        store: Its cache.
        on_unreadable: Called once for a sample that cannot be read during training; it is left out from then on.
    """

    def __init__(self, samples: Samples, store: SampleStore, on_unreadable: Callable[[str], None]) -> None:
        self.samples = samples
        self.store = store
        self._on_unreadable = on_unreadable
        self._unreadable: set[int] = set()
        self._lock = threading.Lock()

    def cached(self, index: int) -> Cached | None:
        """Return the cached form of a sample, or None where it cannot be read."""
        arrays = self.store.get(index)
        if arrays is not None or index in self._unreadable:
            return arrays
        try:
            arrays = self.samples.load(index, strict=False)
        except (XEduError, OSError) as error:
            if not is_of_the_file(error):
                raise
            self._leave_out(index, reason_of(error))
            return None
        self.store.put(index, arrays)  # two threads may have loaded the same one: the first is cached
        return arrays

    def _leave_out(self, index: int, reason: str) -> None:
        with self._lock:
            first_time = index not in self._unreadable
            self._unreadable.add(index)
        if first_time:  # reported outside the lock: a listener may take its time, or ask for a sample
            self._on_unreadable(with_name(self.samples.name(index), reason))

    def batch(self, indices: Indices, seed: int, epoch: int, *, least: int = 0) -> Batch:
        """Make a batch; samples that cannot be read are missing from it.

        Args:
            indices: Which samples.
            seed: The run's.
            epoch: Counted from 0.
            least: Take the next samples that can be read where fewer of these can: processes that train together
                must all take part in every step, and a sample alone cannot be normalised.

        Raises:
            DatasetInvalid: Not one sample of the set can be read any more (-201).
        """
        rows = [(int(i), arrays) for i in indices if (arrays := self.cached(int(i))) is not None]
        while len(rows) < least:
            following = self._next_readable(int(indices[0]), {index for index, _ in rows})
            if following is None:
                break
            rows.append(following)
        if least and not rows:
            hint = say("Is the drive still there?", "请检查磁盘或U盘是否还在。")
            raise DatasetInvalid(
                say("Not one training picture can be read any more.", "训练图片已经没有一张可以读取。"), hint=hint
            )
        samples = [self.samples.sample(i, arrays, random_of(seed, epoch, i)) for i, arrays in rows]
        return self.samples.collate(np.array([i for i, _ in rows], dtype=np.int64), samples)

    def _next_readable(self, start: int, taken: Collection[int]) -> tuple[int, Cached] | None:
        count = len(self.samples)
        for index in ((start + step) % count for step in range(count)):
            if index not in taken and (arrays := self.cached(index)) is not None:
                return index, arrays
        return None


class TrainFeed:
    """Shuffled, augmented batches.

    Args:
        source: Where samples come from.
        batch_size: Samples of a batch, for this process.
        seed: The run's.
        rank: Which of ``world`` processes this is.
        world: How many processes share an epoch.
        threads: How many threads make batches.
    """

    def __init__(
        self,
        source: SampleSource,
        batch_size: int,
        seed: int,
        *,
        rank: int = 0,
        world: int = 1,
        threads: int | None = None,
    ) -> None:
        self._source = source
        self._batch_size = batch_size
        self._seed = seed
        self._rank, self._world = rank, world
        self._threads = threads or default_threads()

    @property
    def steps(self) -> int:
        """How many batches an epoch has; the same in every process."""
        share = share_of(len(self._source.samples), self._world)
        return len(split_batches(np.arange(share), self._batch_size))

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, counted from 0. Only the order and the augmentation depend on it."""
        samples = self._source.samples
        order = shuffled(len(samples), self._seed, epoch, self._rank, self._world)
        batches = split_batches(order, self._batch_size)
        table = None if samples.varies else self._source.store.whole()
        if table is not None:  # small pictures: a gather takes less time than handing it to a thread
            return (samples.gather(indices, table) for indices in batches)
        return ahead(
            batches,
            lambda indices: self._source.batch(indices, self._seed, epoch, least=min(2, len(indices))),
            self._threads,
        )


class EvalFeed:
    """All samples in order, as ``Preprocess`` makes them; batch ``k`` goes to process ``k % world``.

    Whole batches are dealt out, so that every process computes exactly what one process alone would.
    """

    def __init__(
        self, source: SampleSource, batch_size: int, *, rank: int = 0, world: int = 1, threads: int | None = None
    ) -> None:
        self._source = source
        self._batches = split_batches(np.arange(len(source.samples), dtype=np.int64), batch_size)[rank::world]
        self._threads = threads or default_threads()

    @property
    def steps(self) -> int:
        """How many batches this process has."""
        return len(self._batches)

    def epoch(self, epoch: int = 0) -> Iterator[Batch]:
        """Yield the batches; the epoch makes no difference."""
        table = self._source.store.whole()
        if table is not None:
            return (self._source.samples.gather(indices, table) for indices in self._batches)
        return ahead(self._batches, lambda indices: self._source.batch(indices, 0, epoch), self._threads)


def ahead(items: Sequence[Indices], make: Callable[[Indices], Batch], threads: int) -> Iterator[Batch]:
    """Make batches in threads, ahead of the consumer and in order; an error appears where its batch would.

    Args:
        items: What each batch is made of.
        make: Makes one.
        threads: How many are made at a time; so many, and at least two, are ready or in the making.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="mmedu-feed")
    queue: deque[Future[Batch]] = deque()
    make = in_this_context(make)  # what cannot be read is named in the user's language
    remaining = iter(items)
    try:
        queue.extend(pool.submit(make, item) for item in islice(remaining, max(_AHEAD, threads)))
        while queue:
            batch = queue.popleft().result()
            queue.extend(pool.submit(make, item) for item in islice(remaining, 1))
            yield batch
    finally:  # also when the consumer stops early
        pool.shutdown(wait=True, cancel_futures=True)


def fill(samples: Samples, store: SampleStore) -> Callable[[int, Any], None]:
    """Make the visitor of a dataset check: it loads strictly and caches what it loaded."""

    def visit(index: int, sample: Any) -> None:
        del sample  # the set knows its files itself
        store.put(index, samples.load(index, strict=True))

    return visit
