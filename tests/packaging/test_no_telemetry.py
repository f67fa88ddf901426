"""No door phones home: nothing is written outside the working folder and ``MMEDU_HOME``, nothing asks the network.

Each child process has a home of its own, which must stay empty. What Python writes, and asks of the network, an audit
hook sees; the runtimes' C++ raises no such event: of it tell the home and strace, where that is installed.
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
    asks = event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg")
    writes = event == "open" and isinstance(arguments[0], (str, bytes)) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    makes = event in ("os.mkdir", "os.rename", "os.link", "os.symlink")
    if asks or makes and outside(arguments[0]) or writes and outside(arguments[0]):
        sys.stderr.write(f"forbidden: {event} {arguments}\\n")
        os._exit(9)
def outside(path):
    # The desk holds MMEDU_HOME and the folder for temporary files; matplotlib's list of fonts is shared by all tests.
    allowed = (os.path.realpath("."), os.path.realpath(os.environ["MPLCONFIGDIR"]), os.devnull)
    return not os.path.realpath(os.fsdecode(path)).startswith(allowed)
sys.addaudithook(refuse)
"""
_WORKSHOP = """
from BaseDT.errors import AccuracyLost
from MMEdu import MMClassification
model = MMClassification("LeNet")
model.load_dataset("data")
model.train(epochs=1, batch_size=6, random_seed=1, save_fold="run")
model.convert(checkpoint="run/latest.pth", out_file="cats.onnx", standalone=True)
model.convert(checkpoint="run/latest.pth", out_file="features.onnx", features=True)
try:
    model.quantize(checkpoint="run/latest.pth", out_file="small.onnx")
except AccuracyLost:  # of one epoch nothing else is to be expected
    pass
"""
_TO_OPENVINO = """
model.convert(checkpoint="run/latest.pth", out_file="cats.xml", backend="OpenVINO")
"""
_TO_NCNN = """
model.convert(checkpoint="run/latest.pth", out_file="cats.ncnn.param", backend="NCNN")
"""
_HUB = """
from XEdu.hub import Workflow as wf
assert wf(task="mmedu", checkpoint="cats.onnx").inference(data="cat.png")
"""
_BASEDEPLOY = """
import BaseDeploy
assert BaseDeploy("cats.onnx").inference("cat.png")
"""
_TEACH = """
from BaseDT.data import ModelData
from XEdu.teach import Learner
assert ModelData("features.onnx").get_labels()
Learner("features.onnx")
"""
_NCNN = """
from XEdu.hub import Workflow as wf
assert wf(task="mmedu", checkpoint="cats.ncnn.param").inference(data="cat.png")
"""
_OPENVINO = """
from XEdu.hub import Workflow as wf
assert wf(task="mmedu", checkpoint="cats.xml").inference(data="cat.png")
"""
_COMMANDS = """
from MMEdu.cli import main
for words in (["infer", "cats.onnx", "cat.png"], ["info", "cats.onnx"], ["doctor"], ["check", "data"], ["models"],
              ["benchmark", "cats.onnx", "--seconds", "0.1", "--threads", "1"], ["weights", "list"]):
    sys.argv = ["mmedu", *words]
    try:
        main()
    except SystemExit as ended:
        assert ended.code in (0, None) or words == ["doctor"], words
"""
_IMPORTS = """
import MMEdu, XEdu.hub, XEdu.live, XEdu.teach, XEdu.benchmark, BaseDT.data, BaseDT.dataset, BaseDT.io, BaseDT.plot
import BaseDeploy, MMEdu.classification, MMEdu.detection
"""
# The script that convert writes beside a model, with our libraries and without them.
_SAMPLE = "import runpy; runpy.run_path('cats.py')"
_STANDALONE = "import runpy; runpy.run_path('cats_standalone.py')"
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
    # The second is torch's own, set where this process has imported some of it.
    unset = {"ORT_DISABLE_TELEMETRY", "TORCHINDUCTOR_CACHE_DIR"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(desk / "temporary")) | {"PYTHONDONTWRITEBYTECODE": "1"}
    environment["MPLCONFIGDIR"] = matplotlib.get_configdir()  # its list of fonts takes seconds, and reports to nobody
    done = subprocess.run(
        [*traced, sys.executable, "-c", _HOOK + code],
        cwd=desk,
        env=environment | dict.fromkeys(names, str(home)) | {"MMEDU_HOME": str(desk / "mmedu")} | temporary,
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
    (desk / "temporary").mkdir()
    code = _WORKSHOP + (_TO_OPENVINO if _has("openvino") else "") + (_TO_NCNN if _has("ncnn", "pnnx") else "")
    assert_silent(code, desk, tmp_path_factory.mktemp("home") / "workshop")
    return desk


def _has(*packages: str) -> bool:
    return all(find_spec(package) for package in packages)


# Each door is a process of its own: only its first import of a runtime can report.
@pytest.mark.parametrize(
    "code",
    [
        pytest.param(_IMPORTS, id="imports"),
        pytest.param(_HUB, id="Workflow on onnxruntime"),
        pytest.param(_NCNN, id="Workflow on ncnn", marks=pytest.mark.skipif(not _has("ncnn", "pnnx"), reason="extra")),
        pytest.param(
            _OPENVINO, id="Workflow on OpenVINO", marks=pytest.mark.skipif(not _has("openvino"), reason="extra")
        ),
        pytest.param(_BASEDEPLOY, id="BaseDeploy"),
        pytest.param(_TEACH, id="ModelData and Learner"),
        pytest.param(_COMMANDS, id="command line"),
        pytest.param(_SAMPLE, id="sample script"),
        pytest.param(_STANDALONE, id="standalone script"),
        pytest.param(_BOARD, id="a board's BaseData"),
    ],
)
def test_a_door_reports_nothing(code: str, desk: Path, tmp_path: Path) -> None:
    assert_silent(code, desk, tmp_path / "home")


def test_who_sets_the_variable_keeps_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    from XEdu.runtime import no_telemetry

    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    no_telemetry.forbid()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "0"
