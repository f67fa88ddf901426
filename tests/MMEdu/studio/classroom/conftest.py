"""A class for tests: its application in this process, and ``mmedu class`` as a real process."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette")

from starlette.testclient import TestClient

import models_on_disk
from BaseDT import image
from MMEdu.studio.classroom.app import make_class_app
from MMEdu.studio.classroom.classroom import Classroom, make_folders
from MMEdu.studio.studio import Studio
from XEdu.serve.door import Door

TOKEN, PIN = "t" * 64, "4821"
HEADERS = {"X-MMEdu": "studio", "X-Language": "en"}
NAMES = dict(zip(models_on_disk.COLOURS, models_on_disk.CLASSES, strict=True))
"""What the models of ``models_on_disk`` call a colour."""


def make_set(folder: Path, each: int = 4, wrong: int = 0) -> Path:
    """Write a set of colours in class folders; of the first class some are of another colour: nobody gets these."""
    for colour, name in NAMES.items():
        for number in range(each):
            shown = "blue" if colour == "red" and number < wrong else colour
            image.write(folder / name / f"图 {number}.png", models_on_disk.picture(shown, (24, 30 + number)))
    return folder


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models on the disk: ``good.onnx``, ``other.onnx`` of other classes, ``part.onnx`` that knows some of them."""
    folder = tmp_path_factory.mktemp("模 型")
    models_on_disk.classifier(folder / "good.onnx")
    models_on_disk.classifier(folder / "other.onnx", known=models_on_disk.info(("猫", "狗", "鸟")))
    models_on_disk.classifier(folder / "part.onnx", known=models_on_disk.info((*models_on_disk.CLASSES[:2], "狗")))
    models_on_disk.several_labels(folder / "labels.onnx")
    models_on_disk.classifier(folder / "foreign.onnx", known={})
    return folder


class Person:
    """Somebody at a browser, or at a studio."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str) -> Any:
        """Return what the server answers."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, value: object = None) -> Any:
        """Change something."""
        answer = self.client.post(path, json=value or {})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, value: object = None) -> tuple[int, str]:
        """Try to change something; returns the status and the sentence."""
        answer = self.client.post(path, json=value or {})
        assert answer.status_code >= 400, answer.text
        return answer.status_code, f"{answer.json()['message']} {answer.json().get('hint', '')}"

    def upload(self, data: bytes, name: str) -> str:
        """Send a file in parts."""
        begun = self.post("/api/uploads", {"name": name, "size": len(data)})
        for at in range(0, len(data), begun["part"]):
            path = f"/api/uploads/{begun['id']}?at={at}"
            assert self.client.post(path, content=data[at : at + begun["part"]]).status_code == 200
        return str(begun["id"])

    def hand_in(self, data: bytes, name: str = "mine.onnx", pictures: int = 30) -> Any:
        """Hand a model in."""
        return self.post("/api/handins", {"upload": self.upload(data, name), "pictures": pictures})


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Studio]:
    """The class, as its application knows it."""
    made = Studio(tmp_path / "课 堂", Door(TOKEN, PIN, cookie="mmedu_class_test", guesses=30), "http://127.0.0.1")
    make_folders(made.folder)
    yield made
    made.close()


@pytest.fixture
def come_in(hall: Studio) -> Iterator[Callable[..., Person]]:
    """Come in: the teacher, or a pupil of a name; ``address`` is where they sit, ``None`` comes in as nobody."""
    app = make_class_app(hall)
    opened: list[TestClient] = []

    def enter(name: str | None = "", address: str = "127.0.0.1") -> Person:
        client = TestClient(app, base_url="http://127.0.0.1", headers=HEADERS, client=(address, 50_000))
        opened.append(client.__enter__())
        if name == "":
            assert client.post("/api/session", json={"token": TOKEN}).status_code == 200
        elif name is not None:
            assert client.post("/api/join", json={"pin": PIN, "name": name}).status_code == 200
        return Person(client)

    yield enter
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def classroom(hall: Studio) -> Classroom:
    """What lies in the folder of the class."""
    return hall.room(Classroom)


@dataclass
class RunningClass:
    """``mmedu class`` as a process of its own."""

    process: subprocess.Popen[str]
    folder: Path
    lines: Sequence[str]
    address: str
    token: str
    pin: str

    @property
    def desk(self) -> str:
        """The teacher's page."""
        return f"{self.address}/#token={self.token}"

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()


StartClass = Callable[..., RunningClass]


@pytest.fixture
def start_class(tmp_path: Path) -> Iterator[StartClass]:
    """Start ``mmedu class FOLDER``; several times where a test kills one."""
    running: list[RunningClass] = []

    def start(folder: Path | None = None, *options: str) -> RunningClass:
        folder = folder or tmp_path / "课 堂"
        environment = os.environ | {
            "MMEDU_HOME": str(tmp_path / "home"),
            "PYTHONUNBUFFERED": "1",
            "MMEDU_LANG": "en",
            "PYTHONIOENCODING": "utf-8",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "MMEdu", "class", str(folder), "--no-browser", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env=environment,
        )
        assert process.stdout is not None
        made = RunningClass(process, folder, [], "", "", "")
        running.append(made)
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        found = re.search(r"(https?://\S+?)/#token=(\S+)", "".join(lines))
        assert found, "".join(lines)
        made.lines, made.address, made.token = lines, found[1], found[2]
        made.pin = options[options.index("--pin") + 1] if "--pin" in options else ""
        return made

    yield start
    for one in running:
        if one.process.poll() is None:
            one.process.terminate()
        try:
            one.process.wait(15)
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()
        assert one.process.stdout is not None
        one.process.stdout.close()


def copied(source: Path, target: Path) -> Path:
    """Copy a folder."""
    return Path(shutil.copytree(source, target))
