"""What a page is told as it happens: server-sent events with numbers, so that a page that comes back misses nothing."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import anyio
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

_PAUSE, _HEARTBEAT = 0.1, 10.0


@dataclass(frozen=True)
class Told:
    """An event: its number, its name, plain data."""

    number: int
    name: str
    data: object

    def encoded(self) -> bytes:
        """Return it as the browser reads it."""
        data = json.dumps(self.data, ensure_ascii=False, allow_nan=False)
        return f"id: {self.number}\nevent: {self.name}\ndata: {data}\n\n".encode("utf-8", "replace")


class Channel:
    """Events that are told from any thread, the last ones kept. Numbers grow from 1.

    Args:
        kept: How many; a page that missed more is told ``missed`` and reads everything anew.
    """

    def __init__(self, kept: int = 1000) -> None:
        self._events: deque[Told] = deque(maxlen=kept)
        self._number = 0
        self._lock = threading.Lock()

    def tell(self, name: str, data: object) -> None:
        """Tell whoever listens."""
        with self._lock:
            self._number += 1
            self._events.append(Told(self._number, name, data))

    def after(self, number: int) -> list[Told]:
        """Return what was told after an event."""
        with self._lock:
            if number > self._number:  # the server is a new one
                return [Told(self._number, "missed", {})]
            news = [event for event in self._events if event.number > number]
            if news and news[0].number > number + 1:
                return [Told(self._number, "missed", {})]
            return news

    @property
    def number(self) -> int:
        """Of the last event."""
        with self._lock:
            return self._number


Source = Callable[[int], list[Told]]
"""Returns the events after a number; called again and again, from the event loop: it must be quick."""


def event_stream(
    request: Request, source: Source, *, start: int = 0, ended: Callable[[], bool] = lambda: False
) -> StreamingResponse:
    """Answer with events as they come, from ``Last-Event-ID`` on.

    Args:
        request: Of the browser.
        source: As ``Channel.after``.
        start: The number after which a page that is new begins.
        ended: Whether nothing will come any more: the stream ends once all is told.
    """
    last = request.headers.get("last-event-id", "")
    begin = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else start

    async def stream() -> AsyncIterator[bytes]:
        number, quiet = begin, time.monotonic()
        yield b"retry: 1000\n\n"
        while True:
            over = ended()
            for event in source(number):
                number, quiet = event.number, time.monotonic()
                yield event.encoded()
            if over or await request.is_disconnected():
                return
            if time.monotonic() - quiet > _HEARTBEAT:
                quiet = time.monotonic()
                yield b": here\n\n"
            await anyio.sleep(_PAUSE)

    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)


def events_at(path: str, open_stream: Callable[[Request], StreamingResponse]) -> Route:
    """Make the route of a stream; ``open_stream`` returns what ``event_stream`` makes, and may raise named errors."""

    async def answer(request: Request) -> StreamingResponse:
        return open_stream(request)

    return Route(path, answer, methods=["GET"], name=f"GET {path}")
