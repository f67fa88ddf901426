"""Turns: who asks waits until it is his, so that neither the model nor memory is asked for too much at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio


class Crowded(Exception):
    """So many wait already that one more would only wait in vain."""


class Turns:
    """Lets requests in by what they bring.

    Args:
        most: So many may be inside or wait.
        most_bytes: So much of their bodies may be in memory; the others wait with theirs unread.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most, self._free = most, most_bytes
        self._inside = 0
        self._changed = anyio.Condition()

    @property
    def inside(self) -> int:
        """How many are inside or wait."""
        return self._inside

    @asynccontextmanager
    async def taken(self, size: int) -> AsyncIterator[None]:
        """Wait for room for a body of a size, and hold it.

        Raises:
            Crowded: Too many wait.
        """
        if self._inside >= self._most:
            raise Crowded
        self._inside += 1
        held = 0
        try:
            async with self._changed:
                while self._free < size:
                    await self._changed.wait()
                self._free -= size
                held = size
            yield
        finally:
            self._inside -= 1
            if held:
                with anyio.CancelScope(shield=True):
                    async with self._changed:
                        self._free += held
                        self._changed.notify_all()
