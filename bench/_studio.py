"""A studio under measurement: the real process, a client over HTTP, what its memory is. Standard library and OpenCV."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

CLASSES = ("rock", "paper", "scissors")
_HEADERS = {"X-MMEdu": "studio", "X-Language": "en"}


class Server:
    """``mmedu studio`` on a work folder.

    Attributes:
        folder: The work folder.
        started: Seconds from the start of the process until the page was answered.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        environment = os.environ | {"MMEDU_HOME": str(home), "PYTHONUNBUFFERED": "1"}
        began = time.perf_counter()
        command = [sys.executable, "-m", "MMEdu", "studio", str(folder), "--no-browser"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", env=environment
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/\S*#token=(\S+)", line)
        if found is None:
            raise RuntimeError(line + self.process.stdout.read())
        self.port, self.token = int(found[1]), found[2]
        Client(self.port).get("/")
        self.started = time.perf_counter() - began
        self.folder = folder

    @property
    def page(self) -> str:
        """The address that lets a browser in."""
        return f"http://127.0.0.1:{self.port}/#token={self.token}"

    def memory(self) -> float:
        """Resident memory in MB (10⁶ bytes); Linux."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii", errors="replace")
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) * 1024 / 1e6

    def has_torch(self) -> bool:
        """Whether torch is loaded; Linux."""
        return "libtorch" in Path(f"/proc/{self.process.pid}/maps").read_text(encoding="utf-8", errors="replace")

    def client(self) -> Client:
        """Return a client that has come in."""
        client = Client(self.port)
        client.post("/api/session", {"token": self.token})
        return client

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Client:
    """One browser's worth of requests, over a connection that is kept."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = ""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str) -> Any:
        """Ask; JSON becomes plain data, anything else bytes."""
        return self.ask("GET", path)

    def post(self, path: str, value: object) -> Any:
        """Change something, by JSON."""
        return self.ask("POST", path, json.dumps(value).encode(), "application/json")

    def send(self, path: str, picture: bytes) -> Any:
        """Send a picture as it is."""
        return self.ask("POST", path, picture, "image/jpeg")

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Any:
        """Ask and read the answer.

        Raises:
            RuntimeError: The answer is an error.
        """
        headers = {**_HEADERS, "Cookie": self.cookie, **({"Content-Type": kind} if kind else {})}
        self._connection.request(method, path, body or None, headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if cookie := answer.getheader("set-cookie"):
            self.cookie = cookie.partition(";")[0]
        value = json.loads(data) if "json" in (answer.getheader("content-type") or "") else data
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {value}")
        return value

    def events(self, path: str) -> Iterator[tuple[int, str, Any]]:
        """Follow server-sent events on a connection of their own: number, name and data."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request("GET", path, headers={**_HEADERS, "Cookie": self.cookie})
        answer = connection.getresponse()
        number, name = 0, ""
        try:
            while line := answer.readline():
                key, _, value = line.decode("utf-8").rstrip("\n").partition(": ")
                if key == "id":
                    number = int(value)
                elif key == "event":
                    name = value
                elif key == "data":
                    yield number, name, json.loads(value)
        finally:
            connection.close()


def frames(label: int, count: int, seed: int = 0) -> list[bytes]:
    """Draw what a camera sees of one of three things: JPEGs of 640×480 that differ in place, size, light and noise."""
    random = np.random.default_rng([seed, label])
    made = []
    for _ in range(count):
        picture = np.full((480, 640, 3), random.integers(90, 150, 3), np.uint8)
        x, y, size = int(random.integers(180, 460)), int(random.integers(160, 320)), int(random.integers(80, 140))
        colour = [int(value) for value in random.integers(0, 80, 3)]
        colour[label] = 220
        if label == 0:
            cv2.circle(picture, (x, y), size, colour, -1)
        elif label == 1:
            cv2.rectangle(picture, (x - size, y - size), (x + size, y + size), colour, -1)
        else:
            cv2.line(picture, (x - size, y - size), (x + size, y + size), colour, 30)
            cv2.line(picture, (x - size, y + size), (x + size, y - size), colour, 30)
        noisy = picture + random.normal(0, 8, picture.shape)
        made.append(cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8))[1].tobytes())
    return made


class Lines:
    """When the lines of a file that grows came to lie on the disk, looked at every 5 ms.

    Args:
        file: It may not be there yet.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def seconds_since(self, number: int) -> float | None:
        """Return how old a line is, counted from 1; None where it was not seen to come."""
        return time.perf_counter() - self._seen[number - 1] if 0 < number <= len(self._seen) else None

    def close(self) -> None:
        """Look no longer."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.005):
            if self._file.exists():
                count = self._file.read_bytes().count(b"\n")
                self._seen += [time.perf_counter()] * (count - len(self._seen))


def in_threads(count: int, work: Callable[[int], None]) -> list[str]:
    """Do something in several threads at once; returns what failed."""
    wrong: list[str] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is counted
            wrong.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return float(np.percentile(values, 100 * share))
