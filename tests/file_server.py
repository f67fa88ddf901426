"""A small HTTP server on 127.0.0.1 that can be told to misbehave, a small file for it, and a home to fetch it into."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from XEdu.weights.published import Download, PublishedFile

CONTENT = bytes(range(256)) * 12000  # 3 MB: several blocks
NAME = f"tiny-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth"
WEIGHTS = PublishedFile(
    file_name=NAME,
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest()[:8],
    licence="BSD-3-Clause",
    origin=Download(f"https://download.pytorch.org/models/{NAME}"),
)


@dataclass
class Served:
    """What a server has and what it was asked.

    Attributes:
        address: Of the folder.
        content: Of every file.
        ranges: Whether it can start in the middle; ``"wrong"``: it starts elsewhere than asked.
        break_after: Bytes after which a connection ends, one number a request; none left: it holds.
        status: An error that it answers with; 0 for none.
        wait: Set when it may answer.
        elsewhere: A folder that it sends everybody to; empty: it answers itself.
        asked: Path and ``Range`` of each request.
    """

    address: str = ""
    content: bytes = CONTENT
    ranges: bool | str = True
    break_after: list[int] = field(default_factory=list)
    status: int = 0
    wait: threading.Event = field(default_factory=threading.Event)
    elsewhere: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went away: some tests mean it to."""


@contextmanager
def serving() -> Iterator[Served]:
    """Run a server."""
    served = Served()
    served.wait.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            served.asked.append((self.path, wanted))
            served.wait.wait(20)
            self.close_connection = True
            if served.elsewhere and not self.path.startswith(served.elsewhere):
                self.send_response(302)
                self.send_header("Location", f"{served.elsewhere}/{self.path.rpartition('/')[2]}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if served.status:
                self.send_error(served.status)
                return
            start = int(wanted[6:-1]) if wanted and served.ranges else 0
            if start and start >= len(served.content):
                self.send_error(416)
                return
            self._send(start)

        def _send(self, start: int) -> None:
            rest = served.content[start:]
            self.send_response(206 if start else 200)
            if start:
                told = start + 7 if served.ranges == "wrong" else start
                size = len(served.content)
                self.send_header("Content-Range", f"bytes {told}-{size - 1}/{size}")
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest[: served.break_after.pop(0)] if served.break_after else rest)

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    served.address = f"http://127.0.0.1:{server.server_address[1]}/models"
    try:
        yield served
    finally:
        served.wait.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new ``MMEDU_HOME``; returns the folder of weights in it, which is not there yet."""
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "我的 家"))
    monkeypatch.delenv("MMEDU_OFFLINE", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "我的 家" / "weights"


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The mirror of this home; broken connections are tried again at once."""
    monkeypatch.setattr("XEdu.weights.download.PAUSE", 0.0)
    monkeypatch.setattr("XEdu.weights.download.TIMEOUT", 5.0)
    with serving() as served:
        monkeypatch.setenv("MMEDU_MIRROR", f"{served.address}/")
        yield served
