"""The cache of decoded pictures: memory first, then memory-mapped files, then nothing.

A store never decodes; whoever has decoded a picture puts it here. Safe to use from several threads.
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
import psutil

from MMEdu.engine.memory import MB, available_bytes, processes_here
from MMEdu.folders import cache_folder

Pixels = npt.NDArray[np.uint8]

_SHARE_OF_MEMORY = 0.4
_SHARE_OF_DISK = 0.25
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
        """A share of the free memory and disk; ``MMEDU_CACHE`` sets the memory in MB, and 0 turns caching off."""
        wanted = os.environ.get("MMEDU_CACHE", "")
        if wanted == "0":
            return cls(0, 0)
        memory = int(float(wanted) * MB) if wanted else int(available_bytes() * _SHARE_OF_MEMORY / processes_here())
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

    def take_chunk(self) -> Pixels | None:
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

    def _mapped_file(self, folder: Path) -> Pixels:
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


def _reserve(file: int, size: int) -> None:
    """Take room on the disk now, so that a full one is an error here and not a crash later."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.truncate(file, size)


def _sweep(folder: Path) -> None:
    """Remove what processes that are gone have left."""
    for left in folder.glob("pixels-*-*"):
        owner = left.name.split("-")[1]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


class PixelStore:
    """Decoded pictures by index.

    Args:
        count: How many pictures there are.
        budget: What may be taken; shared with other stores.
        shape: The shape of every picture where all have the same; such a store is one array if it fits.
    """

    def __init__(self, count: int, budget: Budget, shape: tuple[int, ...] | None = None) -> None:
        self.count = count
        self._budget = budget
        self._lock = threading.Lock()
        self._rows: list[Pixels | None] = [None] * count
        self._chunk: Pixels | None = None
        self._used = 0
        self._table = self._one_array(shape)

    def _one_array(self, shape: tuple[int, ...] | None) -> Pixels | None:
        if shape is None or not self._budget.take_memory(self.count * math.prod(shape)):
            return None
        return np.empty((self.count, *shape), dtype=np.uint8)

    def get(self, index: int) -> Pixels | None:
        """Return a picture, or None where it is not here. Not to be written to."""
        return self._rows[index]

    def put(self, index: int, pixels: Pixels) -> None:
        """Keep a picture if there is room for it."""
        if self._rows[index] is not None:
            return
        if self._table is not None:
            self._table[index] = pixels
            self._rows[index] = self._table[index]
        elif self._budget.take_memory(pixels.nbytes):
            self._rows[index] = pixels
        else:
            self._rows[index] = self._spilled(pixels)

    def _spilled(self, pixels: Pixels) -> Pixels | None:
        size = pixels.nbytes
        if size > _CHUNK:
            return None
        with self._lock:
            if self._chunk is None or self._used + size > len(self._chunk):
                self._chunk, self._used = self._budget.take_chunk(), 0
            if self._chunk is None:
                return None
            place = self._chunk[self._used : self._used + size]
            self._used += size
        place[:] = pixels.reshape(-1)
        return place.reshape(pixels.shape)

    def whole(self) -> Pixels | None:
        """Return all pictures as one array (count, H, W, C), if that is how they are kept and none is missing."""
        if self._table is None or any(row is None for row in self._rows):
            return None
        return self._table
