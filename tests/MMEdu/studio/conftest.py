"""A studio for tests: its application in this process, itself as a real process, and a browser that looks at it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest

pytest.importorskip("starlette")

from starlette.testclient import TestClient

from MMEdu.studio.app import make_app
from MMEdu.studio.studio import Studio
from XEdu.serve.door import Door

TOKEN = "t" * 43
HEADERS = {"X-MMEdu": "studio", "X-Language": "en"}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """A studio whose work folder has Chinese and a space in its name."""
    made = Studio(tmp_path / "工作 区", Door(TOKEN, cookie="mmedu_test"), "http://127.0.0.1")
    made.folder.mkdir(parents=True)
    yield made
    made.close()


@pytest.fixture
def client(studio: Studio) -> Iterator[TestClient]:
    """One who has come in, and sends the header of ours."""
    with TestClient(make_app(studio), base_url="http://127.0.0.1", headers=HEADERS) as inside:
        assert inside.post("/api/session", json={"token": TOKEN}).status_code == 200
        yield inside


@pytest.fixture
def stranger(studio: Studio) -> Iterator[TestClient]:
    """One who has not come in, and sends no header of ours."""
    with TestClient(make_app(studio), base_url="http://127.0.0.1") as outside:
        yield outside


@dataclass
class RunningStudio:
    """``mmedu studio`` as a process of its own."""

    process: subprocess.Popen[str]
    folder: Path
    address: str
    token: str

    def page(self, path: str = "") -> str:
        """Return an address that lets a browser in."""
        return f"{self.address}/{path}#token={self.token}"

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()


StartStudio = Callable[..., RunningStudio]


@pytest.fixture
def start_studio(tmp_path: Path) -> Iterator[StartStudio]:
    """Start ``mmedu studio FOLDER``; several times where a test kills one."""
    running: list[RunningStudio] = []

    def start(folder: Path | None = None, *options: str) -> RunningStudio:
        folder = folder or tmp_path / "工作 区"
        environment = os.environ | {"MMEDU_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            [sys.executable, "-m", "MMEdu", "studio", str(folder), "--no-browser", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env=environment,
        )
        assert process.stdout is not None
        running.append(RunningStudio(process, folder, "", ""))
        line = process.stdout.readline()
        found = re.search(r"(http://\S+?)/\S*#token=(\S+)", line)
        if not found:
            process.kill()
            raise AssertionError(line + process.stdout.read())
        running[-1].address, running[-1].token = found[1], found[2]
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.process.terminate()
        try:
            one.process.wait(15)
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()
        one.process.stdout.close()


def chromium() -> str | None:
    """Return the system's Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


OpenPage = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(scope="session")
def open_page() -> Iterator[OpenPage]:
    """``with open_page(address, film=…, size=(1366, 768), language="en") as page``: a browser's page at an address.

    The test fails when the page asks anything but this machine, or writes an error to the console (``allow`` takes
    patterns of errors that a test provokes). ``film`` is what the camera shows (``make_film``). ``ready`` is there
    when the page is.
    """
    executable = chromium()
    if executable is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium: .ci/run installs it")
        pytest.skip("no Chromium on this machine: the tests in the browser are left out")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:

        @contextmanager
        def opened(
            address: str,
            *,
            film: Path | None = None,
            size: tuple[int, int] = (1366, 768),
            language: str = "en",
            allow: tuple[str, ...] = (),
            camera: str = "allow",
            ready: str = "body[data-ready]",
        ) -> Iterator[Any]:
            arguments = ["--no-sandbox", "--disable-gpu", "--mute-audio", "--disable-dev-shm-usage"]
            if camera == "allow":
                arguments += ["--use-fake-ui-for-media-stream"]
            if camera != "missing":
                arguments += ["--use-fake-device-for-media-stream"]
            if film is not None:
                arguments.append(f"--use-file-for-fake-video-capture={film}")
            browser = playwright.chromium.launch(executable_path=executable, args=arguments)
            try:
                locale = "zh-CN" if language == "zh" else "en-GB"
                context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale=locale)
                page = context.new_page()
                wrong: list[str] = []
                page.on("request", lambda request: _check_request(request.url, wrong))
                page.on("console", lambda message: _check_console(message, wrong, allow))
                page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
                page.goto(address)
                page.wait_for_selector(ready, timeout=20_000)
                yield page
                assert not wrong, "\n".join(wrong)
            finally:
                browser.close()

        yield opened


def _check_request(url: str, wrong: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("blob", "data") and parts.hostname not in ("127.0.0.1", "localhost"):
        wrong.append(f"a request leaves the machine: {url}")


def _check_console(message: Any, wrong: list[str], allow: tuple[str, ...]) -> None:
    if message.type == "error" and not any(re.search(pattern, message.text) for pattern in allow):
        wrong.append(f"console: {message.text} ({message.location})")


def make_film(path: Path, pictures: list[np.ndarray], size: tuple[int, int] = (320, 240), fps: int = 20) -> Path:
    """Write what a fake camera shows over and over, a .y4m of BGR pictures of any size."""
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{size[0]} H{size[1]} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
        for picture in pictures:
            film.write(b"FRAME\n" + cv2.cvtColor(cv2.resize(picture, size), cv2.COLOR_BGR2YUV_I420).tobytes())
    return path


def wait_until(holds: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Return what becomes true; fails when it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := holds():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")
