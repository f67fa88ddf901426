"""``mmedu nn``: layers over a table become a network, which answers, is converted, and says what it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sklearn.datasets import load_iris

LAYERS = ("-l", "linear size=10 relu", "-l", "linear size=3 softmax")


@pytest.fixture
def iris(tmp_path: Path) -> Path:
    data = load_iris()
    file = tmp_path / "数据 集" / "鸢 尾花.csv"
    file.parent.mkdir()
    rows = [
        ",".join(map(str, row)) + f",{data.target_names[label]}"
        for row, label in zip(data.data, data.target, strict=True)
    ]
    file.write_text("\n".join(["a,b,c,d,种类", *rows]), encoding="utf-8")
    return file


def test_layers_become_a_network_that_answers_and_runs_elsewhere(mmedu: Any, iris: Path):
    ended = mmedu("nn", "train", iris, *LAYERS, "--epochs", "30", "--batch-size", "120", "--seed", "1",
                  "--lr", "0.05", "--save-fold", "模 型", "--json")  # fmt: skip
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert (told["task"], told["epochs"], told["classes"]) == ("cls", 30, ["setosa", "versicolor", "virginica"])
    assert told["acc"] > 0.8
    assert [layer["layer"] for layer in told["layers"]] == ["linear", "linear"]
    assert json.loads(mmedu("nn", "info", told["model"], "--json").out)["tool"] == "BaseNN"
    ended = mmedu("nn", "infer", told["model"], "--row", "5.1,3.5,1.4,0.2")
    assert ended.out.startswith("1: ")
    ended = mmedu("nn", "convert", told["model"], "模 型/net.onnx", "--json")
    assert ended.code == 0, ended.err
    of_file = json.loads(mmedu("nn", "infer", "模 型/net.onnx", iris, "--json").out)["results"]
    of_model = json.loads(mmedu("nn", "infer", told["model"], iris, "--json").out)["results"]
    assert [row["prediction"] for row in of_file] == [row["prediction"] for row in of_model]
    assert len(of_model) == 150
    assert "backbone: BaseNN" in mmedu("info", "模 型/net.onnx").out
    for file, command in ((told["model"], "infer"), ("模 型/net.onnx", "infer"), (told["model"], "convert")):
        ended = mmedu(command, file, *([iris] if command == "infer" else []))
        assert ended.code == 1
        assert "mmedu nn infer" in ended.err


def test_without_layers_a_network_that_suits_the_data_is_laid(
    mmedu: Any, make_imagenet: Callable[..., Path], tmp_path: Path
):
    folder = make_imagenet(tmp_path / "图 片", train=6, val=2, test=1, size=(16, 16)) / "training_set"
    ended = mmedu("nn", "train", folder, "--epochs", "1", "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert len(told["layers"]) > 2
    picture = next(folder.rglob("*.png"))
    assert mmedu("nn", "infer", told["model"], picture).out.startswith("1: ")


@pytest.mark.parametrize(
    ("arguments", "code", "found"),
    [
        (("-l", "linera size=3"), 1, "linear"),
        (("-l", "linear size=5,3"), 1, "ayer 1, linear"),
        (("-l", "linear sise=3"), 1, "size"),
        (("-l", "size=3"), 1, "is no layer"),
        (("--task", "gen"), 2, "neither cls nor reg"),
        (("--loss", "CrossEntropyLos"), 1, "CrossEntropyLoss"),
        (("--optimizer", "Adm"), 1, "Adam"),
        (("--epochs", "0"), 2, "--epochs"),
    ],
)
def test_what_cannot_be_laid_is_named(mmedu: Any, iris: Path, arguments: Any, code: int, found: str):
    ended = mmedu("nn", "train", iris, *arguments)
    assert ended.code == code
    assert found in ended.err
    assert "Traceback" not in ended.err


def test_files_are_looked_for(mmedu: Any, tmp_path: Path):
    assert mmedu("nn", "infer", "m.pth").code == 2
    for command in (("infer", "m.pth", "--row", "1,2"), ("info", "m.pth"), ("convert", "m.pth")):
        assert "-102" in mmedu("nn", *command).err
    assert "-101" in mmedu("nn", "train", tmp_path / "none.csv").err


def test_the_layers_are_listed_in_the_users_language(mmedu: Any, monkeypatch: pytest.MonkeyPatch):
    assert "conv2d" in mmedu("nn", "list").out
    monkeypatch.setenv("MMEDU_LANG", "zh")
    assert "逐层搭建网络并训练" in mmedu("nn", "--help").out
