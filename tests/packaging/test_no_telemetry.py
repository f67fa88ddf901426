"""No door phones home: nothing is written outside the working folder and ``MMEDU_HOME``, nothing asks the network.

Each child process has a home of its own, which must stay empty. What Python asks of the network an audit hook sees;
what the runtimes' C++ asks, strace, where it is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import matplotlib
import pytest

_HOOK = """
import os, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"):
        sys.stderr.write(f"network: {event} {arguments}\\n")
        os._exit(9)
sys.addaudithook(refuse)
"""
_WORKSHOP = """
from BaseDT.errors import AccuracyLost
from MMEdu import MMClassification
model = MMClassification("LeNet")
model.load_dataset("data")
model.train(epochs=1, batch_size=6, random_seed=1, save_fold="run")
model.convert(checkpoint="run/latest.pth", out_file="cats.onnx", standalone=True)
try:
    model.quantize(checkpoint="run/latest.pth", out_file="small.onnx")
except AccuracyLost:  # of one epoch nothing else is to be expected
    pass
"""
_OPENVINO = """
model.convert(checkpoint="run/latest.pth", out_file="cats.xml", backend="OpenVINO")
from XEdu.hub import Workflow as wf
assert wf(task="mmedu", checkpoint="cats.xml").inference(data="cat.png")
"""
_HUB = """
from XEdu.hub import Workflow as wf
assert wf(task="mmedu", checkpoint="cats.onnx").inference(data="cat.png")
"""
_BASEDEPLOY = """
import BaseDeploy
assert BaseDeploy("cats.onnx").inference("cat.png")
"""
_SAMPLE = "import runpy; runpy.run_path('cats_standalone.py')"
_BOARD = """
import BaseData, onnxruntime
assert onnxruntime.InferenceSession("cats.onnx", providers=["CPUExecutionProvider"])
"""
_STRACE = ("-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-e", "signal=none")
_TO_THE_NETWORK = re.compile(r"AF_INET6?, sin6?_port=htons\(\d*[1-9]\d*\)")


@cache
def can_trace() -> bool:
    """Tell whether strace is installed, and allowed: not in every container."""
    program = shutil.which("strace")
    if program is None:
        return False
    return (
        subprocess.run([program, *_STRACE, sys.executable, "-c", ""], capture_output=True, check=False).returncode == 0
    )


def assert_silent(code: str, desk: Path, home: Path) -> None:
    """Run a program on a desk, with an empty home that must stay so."""
    home.mkdir()
    names = ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "APPDATA")
    calls = home.with_suffix(".calls")
    traced = ["strace", *_STRACE, "-o", str(calls)] if can_trace() else []
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    environment["MPLCONFIGDIR"] = matplotlib.get_configdir()  # its list of fonts takes seconds, and reports to nobody
    done = subprocess.run(
        [*traced, sys.executable, "-c", _HOOK + code],
        cwd=desk,
        env=environment | dict.fromkeys(names, str(home)) | {"MMEDU_HOME": str(desk / "mmedu")},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [str(file.relative_to(home)) for file in home.rglob("*")] == []
    if traced:
        assert _TO_THE_NETWORK.findall(calls.read_text(errors="replace")) == []


@pytest.fixture(scope="module")
def desk(make_imagenet: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with a model that was trained, converted and quantised in silence."""
    desk = tmp_path_factory.mktemp("桌 面")
    data = make_imagenet(desk / "data", train=6, val=2)
    shutil.copy(next(iter(sorted((data / "val_set").rglob("*.*g")))), desk / "cat.png")
    code = _WORKSHOP + (_OPENVINO if find_spec("openvino") else "")
    assert_silent(code, desk, tmp_path_factory.mktemp("home") / "workshop")
    return desk


@pytest.mark.parametrize(
    "code", [_HUB, _BASEDEPLOY, _SAMPLE, _BOARD], ids=["hub", "basedeploy", "sample script", "BaseData"]
)
def test_a_door_reports_nothing(code: str, desk: Path, tmp_path: Path) -> None:
    assert_silent(code, desk, tmp_path / "home")


def test_who_sets_the_variable_keeps_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    from XEdu.runtime import no_telemetry

    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    no_telemetry.forbid()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "0"
