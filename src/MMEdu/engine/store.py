"""The cache of loaded samples: memory first, then memory-mapped files, then nothing.

A store never decodes; whoever has loaded a sample puts it here. Safe to use from several threads.
"""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import check_number
from BaseDT.folders import cache_folder
from MMEdu.engine.memory import MB, available_bytes, processes_here
from MMEdu.engine.protocol import Cached

Bytes = npt.NDArray[np.uint8]

# Training and the rest of the machine need memory, too; a disk that is full stops other programs.
_SHARE_OF_MEMORY = 0.4
_SHARE_OF_DISK = 0.25
# A few large files rather than one for each sample: a file handle each, and a system call to make it.
_CHUNK = 64 * MB


class Budget:
    """What all stores of a run may take together.

    Args:
        memory: Bytes of memory.
        disk: Bytes of memory-mapped files.
        folder: Where those files lie; made when first needed, removed when the budget is closed or collected.
    """

    def __init__(self, memory: int, disk: int, folder: Path | None = None) -> None:
        self.memory = memory
        self.disk = disk
        self._folder = folder
        self._lock = threading.Lock()
        self._spill: Path | None = None
        self._remove: weakref.finalize[Any, Budget] | None = None

    @classmethod
    def of_this_machine(cls) -> Budget:
        """A share of the free memory and disk; ``MMEDU_CACHE`` sets the memory in MB, and 0 turns caching off.

        Raises:
            ParameterInvalid: ``MMEDU_CACHE`` is no number of MB (-305).
        """
        setting = _megabytes_of_environment()
        if setting == 0:
            return cls(0, 0)
        free = available_bytes() * _SHARE_OF_MEMORY / processes_here()
        memory = int(free if setting is None else setting * MB)
        try:
            folder = cache_folder()
            disk = int(shutil.disk_usage(folder).free * _SHARE_OF_DISK / processes_here())
        except OSError:  # no cache folder can be made: a read-only home
            return cls(memory, 0)
        return cls(memory, disk, folder)

    @property
    def is_empty(self) -> bool:
        """Whether nothing may be cached at all."""
        return self.memory <= 0 and self.disk <= 0

    def take_memory(self, size: int) -> bool:
        """Reserve memory; False when it is used up."""
        with self._lock:
            if size > self.memory:
                return False
            self.memory -= size
            return True

    def take_chunk(self) -> Bytes | None:
        """Make one more memory-mapped file, or return None when the disk's share is used up."""
        with self._lock:
            if self._folder is None or self.disk < _CHUNK:
                return None
            self.disk -= _CHUNK
            try:
                return self._mapped_file(self._folder)
            except OSError:  # a full or read-only disk: decode again instead
                self.disk = 0
                return None

    def _mapped_file(self, folder: Path) -> Bytes:
        if self._spill is None:
            _sweep(folder)
            self._spill = Path(tempfile.mkdtemp(prefix=f"pixels-{os.getpid()}-", dir=folder))
            self._remove = weakref.finalize(self, shutil.rmtree, self._spill, ignore_errors=True)
        name = self._spill / f"{len(list(self._spill.iterdir())):05d}.bin"
        with name.open("xb") as file:  # a sparse file would kill the process when the disk is full
            _reserve(file.fileno(), _CHUNK)
        return np.memmap(name, dtype=np.uint8, mode="r+", shape=(_CHUNK,))

    def close(self) -> None:
        """Remove the files."""
        if self._remove is not None:
            self._remove()


def _megabytes_of_environment() -> float | None:
    """Return what ``MMEDU_CACHE`` says, None where it says nothing."""
    setting = os.environ.get("MMEDU_CACHE", "").strip()
    try:
        number: object = float(setting) if setting else None
    except ValueError:
        number = setting
    return None if number is None else check_number("MMEDU_CACHE", number, least=0)


def _reserve(file: int, size: int) -> None:
    """Take room on the disk now, so that a full one is an error here and not a crash later."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.truncate(file, size)


def _sweep(folder: Path) -> None:
    """Remove the folders of processes that were killed before they could."""
    import psutil  # of the training part, which is there when a sample is cached

    for spill in folder.glob("pixels-*-*"):
        owner = spill.name.split("-")[1]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(spill, ignore_errors=True)


class SampleStore:
    """Loaded samples by index: an array each, or several (a picture and its mask), of any dtype.

    Args:
        count: How many samples there are.
        budget: What may be taken; shared with other stores.
        shape: The shape of every sample where each is one uint8 array and all have the same; such a store is one array
            if it fits.
    """

    def __init__(self, count: int, budget: Budget, shape: tuple[int, ...] | None = None) -> None:
        self.count = count
        self._budget = budget
        self._lock = threading.Lock()
        self._rows: list[Cached | None] = [None] * count
        self._chunk: Bytes | None = None
        self._used = 0
        self._table = self._one_array(shape)

    def _one_array(self, shape: tuple[int, ...] | None) -> Bytes | None:
        if shape is None or not self._budget.take_memory(self.count * math.prod(shape)):
            return None
        return np.empty((self.count, *shape), dtype=np.uint8)

    def get(self, index: int) -> Cached | None:
        """Return a sample, or None where it is not here. Not to be written to."""
        return self._rows[index]

    def put(self, index: int, sample: Cached) -> None:
        """Cache a sample if there is room for it."""
        if self._rows[index] is not None:
            return
        if self._table is not None:
            self._table[index] = sample
            self._rows[index] = self._table[index]
        elif self._budget.take_memory(sum(array.nbytes for array in _arrays(sample))):
            self._rows[index] = sample  # no copy: nobody writes to it
        else:
            self._rows[index] = self._spilled(sample)

    def share(self, index: int, sample: Cached) -> None:
        """Hold what another store of the same budget holds: it takes no room a second time."""
        if self._table is not None:
            self.put(index, sample)
        else:
            self._rows[index] = sample

    def _spilled(self, sample: Cached) -> Cached | None:
        """Copy a sample into a memory-mapped file; None where there is no room, or only for a part of it."""
        copies = [self._spilled_array(array) for array in _arrays(sample)]
        if any(copy is None for copy in copies):
            return None
        return tuple(copy for copy in copies if copy is not None) if isinstance(sample, tuple) else copies[0]

    def _spilled_array(self, array: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
        size = array.nbytes
        if size > _CHUNK:
            return None
        with self._lock:
            # Chunks are bytes: unaligned, wider numbers would be slow to read, or not readable at all (Arm).
            start = -(-self._used // array.itemsize) * array.itemsize
            if self._chunk is None or start + size > len(self._chunk):
                self._chunk, start = self._budget.take_chunk(), 0
            if self._chunk is None:
                return None
            target = self._chunk[start : start + size]
            self._used = start + size
        # Written outside the lock: the part belongs to this thread now, and copying is what takes time.
        copy = target.view(array.dtype).reshape(array.shape)
        copy[...] = array
        return copy

    def whole(self) -> Bytes | None:
        """Return all samples as one array (count, H, W, C), if they are cached so and none is missing."""
        if self._table is None or any(row is None for row in self._rows):
            return None
        return self._table


def _arrays(sample: Cached) -> tuple[npt.NDArray[Any], ...]:
    return sample if isinstance(sample, tuple) else (sample,)
