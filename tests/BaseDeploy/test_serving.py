"""``run_fastapi`` as the documents have it: port, mode, score; and the pages that the others open."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

import BaseDeploy as bd
import models_on_disk
from BaseDT.errors import CheckpointInvalid, ParameterInvalid
from BaseDT.image import writing

pytest.importorskip("uvicorn")

PICTURE = writing.jpeg(models_on_disk.picture("green"))


@pytest.fixture
def model(folder: Path) -> Path:
    """A classifier."""
    return models_on_disk.classifier(folder / "颜 色.onnx")


def _asked(address: str, path: str = "/upload") -> bytes:
    with urlopen(Request(address + path, PICTURE), timeout=10) as answer:
        content: bytes = answer.read()
    return content


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        number: int = one.getsockname()[1]
    return number


def test_it_answers_with_what_print_result_prints(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deployed = bd.load(model)
    port = _free_port()
    running = deployed.run_fastapi(port, block=False)
    assert running is not None
    try:
        assert running.address == f"http://127.0.0.1:{port}"
        assert f":{port}/upload" in capsys.readouterr().out
        deployed.inference(models_on_disk.picture("green"))
        assert json.loads(_asked(running.address)) == deployed.print_result()
    finally:
        running.stop()
    assert not running.alive


def test_mode_img_answers_with_a_picture_and_score_decides_what_is_on_it(folder: Path) -> None:
    models_on_disk.detector(folder / "d.onnx")
    running = bd.load("d.onnx").run_fastapi(0, "img", 0.1, block=False)
    assert running is not None
    try:
        assert _asked(running.address)[:2] == b"\xff\xd8"
        assert len(json.loads(_asked(running.address, "/upload?mode=json"))) == 3
    finally:
        running.stop()


def test_a_notebook_with_a_loop_of_its_own_can_serve(model: Path) -> None:
    import asyncio

    async def in_a_notebook() -> None:
        running = bd.load(model).run_fastapi(0, block=False)
        assert running is not None
        answer = await asyncio.to_thread(_asked, running.address)
        running.stop()
        assert json.loads(answer)["标签"] == 1

    with ThreadPoolExecutor(1) as notebook:  # this thread may have a loop already: a browser's
        notebook.submit(asyncio.run, in_a_notebook()).result()


@pytest.mark.parametrize("name", ["run_pywebio", "run_gradio"])
def test_the_documents_pages_open_ours(model: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    running = getattr(bd.load(model), name)(_free_port(), block=False)
    try:
        with urlopen(running.address, timeout=10) as page:
            assert b"page.js" in page.read()
    finally:
        running.stop()


def test_wrong_values_are_refused_before_anything_listens(model: Path, refused) -> None:
    deployed = bd.load(model)
    for options in (
        {"port": "1956"},
        {"port": 70_000},
        {"port": True},
        {"mode": "xml"},
        {"score": 2},
        {"host": ""},
        {"host": "1.2.3.4"},
        {"pin": 4821},
        {"pin": "12"},
        {"pin": "48 21"},
        {"block": "no"},
    ):
        with refused(ParameterInvalid):
            deployed.run_fastapi(**{"port": 0, "block": False} | options)


def test_a_port_that_is_taken_names_the_next(model: Path, refused) -> None:
    deployed = bd.load(model)
    running = deployed.run_fastapi(0, block=False)
    assert running is not None
    try:
        with refused(ParameterInvalid, str(running.port), f"port={running.port + 1}"):
            deployed.run_fastapi(running.port, block=False)
    finally:
        running.stop()


def test_a_model_without_words_is_refused(folder: Path, refused) -> None:
    models_on_disk.classifier(folder / "x.onnx", known={})
    with refused(CheckpointInvalid, "x.onnx"):
        bd.load("x.onnx").run_fastapi(0)


def test_ctrl_c_ends_a_script_tidily(model: Path) -> None:
    script = f"import BaseDeploy as bd\nbd({str(model)!r}).run_fastapi({_free_port()})\nprint('after')\n"
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        encoding="utf-8",
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert "answers at" in first, first + process.stdout.read()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0, out
    assert "Traceback" not in out
    assert out.rstrip().endswith("after")
