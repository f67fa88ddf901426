"""``mmedu serve``: a real process that answers until Ctrl-C, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

import models_on_disk
from BaseDT.image import writing

pytest.importorskip("uvicorn")

PICTURE = writing.jpeg(models_on_disk.picture("blue"))


def _start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "MMEdu", "serve", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
        encoding="utf-8",
    )


def test_it_answers_without_torch_until_ctrl_c(tmp_path: Path) -> None:
    model = models_on_disk.classifier(tmp_path / "颜 色.onnx")
    code = (
        "import sys; from MMEdu.cli import app\n"
        f"try: app(['serve', {str(model)!r}, '--port', '0', '--lan', '--pin', '4821'], standalone_mode=False)\n"
        "finally: print('torch' in sys.modules, 'onnx' in sys.modules, 'typer' in sys.modules)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
        encoding="utf-8",
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+/upload", first)
    assert found, first
    with urlopen(Request(found[0], PICTURE, {"X-PIN": "4821"}), timeout=10) as answer:
        assert json.load(answer)["预测结果"] == "蓝色"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0, out
    assert "Traceback" not in out
    assert out.splitlines()[-2:] == ["The service has ended.", "False False True"]


def test_for_programs_it_tells_json_and_ends_with_its_input(tmp_path: Path) -> None:
    model = models_on_disk.classifier(tmp_path / "c.onnx")
    with _start(model, "--port", "0", "--json", "--until-stdin-ends", "--pin", "-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("4821\n")
        process.stdin.flush()
        text = ""
        while not text.endswith("}\n"):
            text += process.stdout.readline()
        told = json.loads(text)
        assert told["addresses"] == []
        with urlopen(Request(f"{told['address']}/upload", PICTURE, {"X-PIN": "4821"}), timeout=10) as answer:
            assert json.load(answer)["标签"] == 2
        process.stdin.close()
        assert process.wait(20) == 0


def test_a_checkpoint_is_told_how_to_become_a_service(mmedu, trained) -> None:
    checkpoint = json.loads(trained.ended.out)["best_checkpoint"]
    ended = mmedu("serve", checkpoint)
    assert ended.code == 1
    assert "mmedu convert" in ended.err


def test_what_cannot_be_served_is_named(mmedu) -> None:
    models_on_disk.classifier(Path("c.onnx"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        cases = {
            (): "--task pose_hand21",
            ("c.onnx", "--task", "pose_hand21"): "mmedu serve model.onnx",
            ("nothing.onnx",): "nothing.onnx",
            ("--task", "pose_hand22"): "pose_hand21",
            ("c.onnx", "--lan", "--host", "0.0.0.0"): "Leave one of them out",
            ("c.onnx", "--pin", "1"): "4 to 64",
            ("c.onnx", "--mode", "xml"): "json",
            ("c.onnx", "--thr", "2"): "0 to 1",
            ("c.onnx", "--port", str(port)): f"--port {port + 1}",
            ("c.onnx", "--host", "203.0.113.9"): "no address of this computer",
        }
        for arguments, words in cases.items():
            ended = mmedu("serve", *arguments)
            assert ended.code == 1, (arguments, ended)
            assert words in ended.err, (arguments, ended.err)
            assert "Traceback" not in ended.err
