"""Every error code that a classifier answers with: number, sentence, hint in both languages, types; in a script too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from BaseDT import errors
from BaseDT.errors import XEduError
from MMEdu import MMClassification as cls
from MMEdu import pth_info

pytestmark = pytest.mark.usefixtures("workplace", "quick")


class Scene:
    """A model with data and one without anything, and files of every bad kind."""

    def __init__(self, trained, dataset) -> None:
        self.cat = trained.cat
        self.ready = cls("LeNet")
        self.ready.load_dataset(dataset, check=False)
        self.ready.checkpoint = trained.checkpoint
        self.fresh = cls("LeNet")
        content = torch.load(trained.checkpoint, weights_only=True)
        content["meta"]["task"] = "detection"
        torch.save(content, "检 测.pth")
        Path("文 本.pth").write_text("text", encoding="utf-8")
        Path("文 本.txt").write_text("text", encoding="utf-8")
        Path("配置.py").write_text("x = 1", encoding="utf-8")
        Path("一半.png").write_bytes(trained.cat.read_bytes()[:100])

    def miscounted(self):
        self.ready.num_classes = 3
        self.ready.train(epochs=1)

    def misspelt(self):
        self.ready.save_fodl = "m"


@pytest.fixture
def scene(trained, dataset):
    return Scene(trained, dataset)


CASES = [
    (-101, FileNotFoundError, "no dataset", lambda s: s.fresh.load_dataset("没有")),
    (-102, FileNotFoundError, "no checkpoint", lambda s: s.fresh.inference(image=s.cat, checkpoint="没有.pth")),
    (-102, FileNotFoundError, "no checkpoint, nothing trained", lambda s: s.fresh.inference(image=s.cat)),
    (-102, FileNotFoundError, "no checkpoint to load", lambda s: s.fresh.load_checkpoint("没有.pth")),
    (-102, FileNotFoundError, "no checkpoint to start from", lambda s: s.ready.train(epochs=1, checkpoint="没有.pth")),
    (-102, FileNotFoundError, "no checkpoint to look at", lambda s: pth_info("没有.pth")),
    (-103, FileNotFoundError, "no picture", lambda s: s.ready.inference(image="没有.png")),
    (-104, PermissionError, "a file in the way", lambda s: s.ready.train(epochs=1, save_fold="文 本.txt")),
    (-201, ValueError, "a dataset that is no path", lambda s: s.fresh.load_dataset(5)),
    (-201, ValueError, "a dataset that is a file", lambda s: s.fresh.load_dataset("文 本.txt")),
    (-202, ValueError, "a text as checkpoint", lambda s: s.fresh.inference(image=s.cat, checkpoint="文 本.pth")),
    (-203, ValueError, "a text as picture", lambda s: s.ready.inference(image="文 本.txt")),
    (-204, ValueError, "a recipe that is code", lambda s: cls("配置.py")),
    (-205, ValueError, "half a picture", lambda s: s.ready.inference(image="一半.png")),
    (-301, ValueError, "an unknown device", lambda s: s.ready.train(epochs=1, device="tpu")),
    (-301, ValueError, "an unknown device to predict on", lambda s: s.ready.inference(image=s.cat, device="tpu")),
    (-302, ValueError, "an unknown backbone", lambda s: cls("ResNet19")),
    (-303, TypeError, "validate", lambda s: s.ready.train(epochs=1, validate="yes")),
    (-304, TypeError, "no picture at all", lambda s: s.ready.inference(image=5)),
    (-305, ValueError, "a value that cannot be", lambda s: s.ready.train(epochs=0)),
    (-306, ValueError, "num_classes", lambda s: s.miscounted()),
    (-311, ValueError, "another task", lambda s: s.fresh.inference(image=s.cat, checkpoint="检 测.pth")),
    (-501, TypeError, "an unknown parameter", lambda s: cls(backbon="LeNet")),
    (-501, TypeError, "an unknown keyword", lambda s: s.ready.train(epoch=3)),
    (-501, TypeError, "an unknown attribute", lambda s: s.misspelt()),
    (-501, TypeError, "an unknown keyword of pth_info", lambda s: pth_info(checkpoints="a.pth")),
    (-501, TypeError, "an unknown keyword of sota", lambda s: cls.sota(task="x")),
    (-601, RuntimeError, "nothing to show", lambda s: s.fresh.print_result()),
    (-602, RuntimeError, "nothing loaded", lambda s: s.fresh.fast_inference(image=s.cat)),
    (-603, RuntimeError, "no dataset loaded", lambda s: s.fresh.train(epochs=1)),
    (-604, RuntimeError, "nothing to resume", lambda s: s.ready.train(epochs=1, resume=True, save_fold="没有")),
]
if not torch.cuda.is_available():
    CASES.append((-301, ValueError, "cuda", lambda s: s.ready.train(epochs=1, device="cuda")))


@pytest.mark.parametrize(("code", "builtin", "provoke"), [pytest.param(c, b, p, id=f"{c} {n}") for c, b, n, p in CASES])
def test_a_mistake_has_its_number_its_types_and_a_hint_in_the_users_language(
    scene, code, builtin, provoke, monkeypatch
):
    hints = {}
    for language in ("en", "zh"):
        monkeypatch.setenv("MMEDU_LANG", language)
        with pytest.raises(builtin) as caught:
            provoke(scene)
        error = caught.value
        assert isinstance(error, XEduError)
        assert (error.code, isinstance(error, builtin)) == (code, True)
        assert str(error) == f"Error Code: {code}. {error.message}\n{error.hint}"
        assert "\n" not in error.message
        hints[language] = error.hint
    assert hints["en"] != hints["zh"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in hints["zh"])


def test_every_code_of_a_classifier_is_provoked_above():
    elsewhere = {
        -105: "data sets and live predictions",
        -106: "BaseDT.plot",
        -107: "the tests of pretrained weights",
        -206: "the runtime's tests",
        -307: "BaseML and BaseNN",
        -308: "BaseNN",
        -309: "BaseML and BaseNN",
        -312: "the hub's tests",
        -405: "BaseML",
        -503: "names that cannot be imported: test_missing_names",
        -504: "methods that are misspelt: test_missing_names",
        -502: "a part that is not installed: test_requirements",
        -701: "detection",
        -801: "the engine's tests",
        -802: "the engine's tests",
        -803: "the engine's tests",
        -804: "the engine's tests",
        -805: "the engine's tests",
        -806: "the exports' tests",
        -807: "the exports' tests",
        -808: "the exports' tests",
    }
    known = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, XEduError)}
    assert known - {0} == {case[0] for case in CASES} | elsewhere.keys()


# In a script


def run(tmp_path: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "我的 脚本.py"
    file.write_text(script, encoding="utf-8")
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", "MMEDU_LANG": "en", **environment}
    return subprocess.run(
        [sys.executable, file], check=False, env=env, capture_output=True, encoding="utf-8", timeout=60
    )


SCRIPT = (
    "from MMEdu import MMClassification as cls\n\nmodel = cls('LeNet')\nmodel.load_dataset(path='没有')\nprint('on')\n"
)


def test_a_script_ends_with_the_message_and_the_users_line_and_no_traceback(tmp_path):
    ended = run(tmp_path, SCRIPT)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert "Error Code: -101. No such dataset directory: 没有" in ended.stderr
    assert "model.load_dataset(path='没有')" in ended.stderr
    assert "line 4" in ended.stderr
    assert "classification.py" not in ended.stderr


def test_so_it_does_for_a_misspelt_model(tmp_path):
    ended = run(tmp_path, "from MMEdu import MMClassification as cls\nmodel = cls('LeNt')\n")
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "Did you mean 'LeNet'?" in ended.stderr


def test_in_chinese_where_the_user_speaks_it(tmp_path):
    assert (
        "你是不是想写 'LeNet'"
        in run(tmp_path, "import MMEdu\nMMEdu.MMClassification('LeNt')\n", MMEDU_LANG="zh").stderr
    )


def test_who_wants_the_traceback_gets_it(tmp_path):
    assert "Traceback" in run(tmp_path, SCRIPT, MMEDU_TRACEBACK="1").stderr


def test_mistakes_that_are_not_ours_keep_their_traceback(tmp_path):
    ended = run(tmp_path, "import MMEdu\n1 / 0\n")
    assert "Traceback" in ended.stderr
    assert "ZeroDivisionError" in ended.stderr


def test_a_script_that_catches_it_goes_on(tmp_path):
    script = SCRIPT.replace("model.load", "try:\n    model.load").replace(
        "print", "except FileNotFoundError as error:\n    print(error.code)\nprint"
    )
    assert run(tmp_path, script).stdout.split() == ["-101", "on"]
