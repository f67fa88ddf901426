"""``mmedu class`` as a process: what the terminal shows, thirty at once, a power cut, https."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.MMEdu.cli.conftest import Command
from tests.MMEdu.cli.conftest import mmedu as mmedu  # the runner of commands
from tests.MMEdu.studio.classroom.conftest import StartClass, make_set
from tests.MMEdu.studio.conftest import wait_until

from MMEdu.studio.classroom.addresses import own_addresses
from MMEdu.studio.classroom.server import large


class Caller:
    """Somebody who asks a real server."""

    def __init__(self, address: str) -> None:
        self.address, self.cookie = address, ""

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """Ask; an error raises."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"X-MMEdu": "studio", "Cookie": self.cookie, "X-Language": "en"}
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            if cookie := answer.headers.get("set-cookie"):
                self.cookie = cookie.split(";")[0]
            return answer.read()

    def get(self, path: str) -> dict:
        """Return what it answers."""
        return json.loads(self.ask("GET", path))

    def post(self, path: str, body: object) -> dict:
        """Change something."""
        return json.loads(self.ask("POST", path, body))

    def hand_in(self, data: bytes) -> None:
        """Hand a model in."""
        upload = self.post("/api/uploads", {"name": "mine.onnx", "size": len(data)})["id"]
        self.post(f"/api/uploads/{upload}?at=0", data)
        self.post("/api/handins", {"upload": upload, "pictures": 9})


def test_the_terminal_says_how_to_come_in(start_class: StartClass) -> None:
    running = start_class()
    text = "".join(running.lines)
    for address in own_addresses():
        assert address in text
    made = json.loads((running.folder / "class.json").read_text(encoding="utf-8"))["pin"]
    assert re.fullmatch(r"\d{6}", made)
    assert "\n".join(line.rstrip() for line in large(made)) in "\n".join(line.rstrip() for line in text.splitlines())
    teacher = Caller(running.address)
    teacher.post("/api/session", {"token": running.token})
    assert teacher.get("/api/address")["pin"] == made
    assert b"<svg" in teacher.ask("GET", "/api/qr")
    if sys.platform != "win32":
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(10) == 0


@pytest.mark.parametrize("pin", ["123", "abcd", "", "48 21", "４８２１", "1" * 13])
def test_a_pin_has_digits(mmedu: Command, pin: str) -> None:
    ended = mmedu("class", "--pin", pin, "--no-browser")
    assert ended.code == 1
    assert "4 to 12 digits" in ended.err
    assert not list(Path.cwd().iterdir())


def test_the_help_is_in_both_languages(mmedu: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hand out" in mmedu("class", "--help").out
    monkeypatch.setenv("MMEDU_LANG", "zh")
    assert "课堂服务器" in mmedu("class", "--help").out


def test_an_address_of_another_machine(mmedu: Command) -> None:
    ended = mmedu("class", "--pin", "4821", "--host", "198.51.100.7", "--no-browser")
    assert ended.code == 1
    assert "198.51.100.7" in ended.err


@pytest.mark.slow
def test_thirty_at_once(start_class: StartClass, models: Path, tmp_path: Path) -> None:
    running = start_class(None, "--pin", "4821")
    teacher = Caller(running.address)
    teacher.post("/api/session", {"token": running.token})
    teacher.post("/api/teacher/test", {"path": str(make_set(tmp_path / "test", each=2))})
    teacher.post("/api/teacher/shelf", {"path": str(make_set(tmp_path / "set", each=10))})
    model = (models / "good.onnx").read_bytes()
    item = teacher.get("/api/class")["shelf"][0]["id"]
    together, times, told = threading.Barrier(30), list[float](), list[int]()

    def lesson(number: int) -> None:
        pupil = Caller(running.address)
        together.wait(20)
        pupil.post("/api/join", {"pin": "4821", "name": f"同学 {number}"})
        events = urllib.request.Request(f"{running.address}/api/events", headers={"Cookie": pupil.cookie})
        with urllib.request.urlopen(events, timeout=30) as stream:
            assert len(pupil.ask("GET", f"/api/shelf/{item}")) > 1000
            pupil.hand_in(model)
            while b"changed" not in (line := stream.readline()):
                assert line
            told.append(number)
        for _ in range(5):
            begun = time.monotonic()
            assert pupil.get("/api/class")["me"]["hand_ins"]
            pupil.get("/api/wall")
            times.append((time.monotonic() - begun) / 2)
        pupil.ask("GET", "/")

    with ThreadPoolExecutor(30) as pool:
        list(pool.map(lesson, range(30)))  # the first error is raised
    assert len(told) == 30
    assert sorted(times)[len(times) * 9 // 10] < 2.0
    wait_until(lambda: all(row["state"] == "done" for row in teacher.get("/api/wall")["rows"]), 60)
    assert {row["place"] for row in teacher.get("/api/wall")["rows"]} == {1}


@pytest.mark.slow
def test_a_power_cut_loses_nothing(start_class: StartClass, models: Path, tmp_path: Path) -> None:
    running = start_class(None, "--pin", "4821")
    port = running.address.rpartition(":")[2]
    teacher, pupil = Caller(running.address), Caller(running.address)
    teacher.post("/api/session", {"token": running.token})
    teacher.post("/api/teacher/test", {"path": str(make_set(tmp_path / "test", each=2))})
    pupil.post("/api/join", {"pin": "4821", "name": "李雷"})
    pupil.hand_in((models / "good.onnx").read_bytes())
    wait_until(lambda: pupil.get("/api/class")["me"]["hand_ins"][0]["state"] == "done")
    pupil.hand_in((models / "part.onnx").read_bytes())  # perhaps it is judged before the cut, perhaps after
    begun = pupil.post("/api/uploads", {"name": "a.onnx", "size": 9})["id"]
    running.kill()
    with pytest.raises(OSError, match=r"."):
        pupil.get("/api/class")
    again = start_class(running.folder, "--port", port)
    assert json.loads((again.folder / "class.json").read_text(encoding="utf-8"))["pin"] == "4821"
    assert pupil.get("/api/hello")["name"] == "李雷"
    wait_until(lambda: [one["state"] for one in pupil.get("/api/class")["me"]["hand_ins"]] == ["done", "done"])
    assert pupil.get("/api/wall")["rows"][0]["score"] == 1.0
    with pytest.raises(OSError, match="404"):
        pupil.post(f"/api/uploads/{begun}?at=0", b"123456789")
    assert teacher.get("/api/teacher")["test"]["pictures"] == 6


def test_files_edited_by_hand_stop_nothing(start_class: StartClass, tmp_path: Path) -> None:
    folder = tmp_path / "课堂"
    for name, text in {
        "class.json": "[1, 2",
        "pupils/a/pupil.json": '{"id": 5}',
        "pupils/b/pupil.json": '{"id": "00000000", "name": "B", "key": "k"}',
        "pupils/b/x/handin.json": '{"when": "yesterday"}',
        "photos/photos.json": '{"classes": [1]}',
        "shelf/broken.zip": "PK",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    running = start_class(folder, "--pin", "4821")
    teacher = Caller(running.address)
    teacher.post("/api/session", {"token": running.token})
    told = teacher.get("/api/teacher")
    assert [pupil["name"] for pupil in told["pupils"]] == ["B"]
    assert [item["name"] for item in told["shelf"]] == ["broken"]


def test_one_server_a_class(start_class: StartClass, mmedu: Command) -> None:
    running = start_class(None, "--pin", "4821")
    ended = mmedu("class", running.folder, "--pin", "4821", "--no-browser")
    assert (ended.code, "open already" in ended.err) == (1, True)


def test_it_starts_without_torch() -> None:
    code = "import sys; import MMEdu.studio.classroom.app; print({'torch', 'onnxruntime'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "set()"
