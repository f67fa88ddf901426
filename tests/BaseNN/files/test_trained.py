"""Files of ours: written whole, read without running anything, refused where they were edited; ``pth_info``."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn as torch_nn

from BaseDT.errors import CheckpointInvalid, CheckpointNotFound, PathNotWritable, XEduError
from BaseNN import nn, pth_info
from BaseNN.files import opening
from BaseNN.files.trained import of_the_network
from MMEdu.engine.events import silent

X = np.random.default_rng(0).standard_normal((20, 4)).astype(np.float32)
Y = np.arange(20) % 3


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The documented file of a short training."""
    monkeypatch.chdir(tmp_path)
    model = nn(save_fold="模 型")
    model.load_dataset(X, Y, classes=["a", "b", "c"])
    model.add("linear", size=(4, 6), activation="relu")
    model.add("batchnorm1d", size=6)
    model.add("linear", size=(6, 3), activation="softmax")
    model.train(lr=0.01, epochs=3, listener=silent)
    return Path("模 型", "basenn.pth")


def test_a_network_is_saved_and_loaded_with_all_that_is_known(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = nn()
    model.load(file)
    model.save("新 的/我的.pkl")
    assert "我的.pkl" in capsys.readouterr().out
    again = nn("reg")
    again.load("新 的/我的.pkl")
    assert np.array_equal(again.inference(X), model.inference(X))
    assert (again.task, again.img_classes, again.layers) == (
        "cls",
        ["a", "b", "c"],
        ["linear", "batchnorm1d", "linear"],
    )
    meta = pth_info("新 的/我的.pkl")
    assert (meta["epoch"], meta["dataset_size"], meta["learning_rate"]) == (3, 20, 0.01)


def test_a_network_without_training_can_be_saved(tmp_path: Path) -> None:
    model = nn()
    model.add("linear", size=(4, 3))
    model.save(tmp_path / "fresh.pth")
    again = nn()
    again.load(tmp_path / "fresh.pth")
    assert torch.equal(next(again.model.parameters()), next(model.model.parameters()))


def test_it_trains_on_after_it_was_loaded(file: Path) -> None:
    model = nn()
    model.load(file)
    model.load_dataset(X, Y)
    assert np.array_equal(model.inference(X), nn_of(file).inference(X))
    assert len(model.train(lr=0.01, epochs=2, listener=silent)) == 2


def nn_of(file: Path) -> nn:
    model = nn()
    model.load(file)
    return model


def test_what_a_file_says_is_printed_and_returned(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    meta = pth_info(file)
    out = capsys.readouterr().out.splitlines()
    assert out[2].startswith("tool : BaseNN")
    assert any(line.startswith("CLASSES : ['a', 'b', 'c']") for line in out)
    assert "backbone : linear (size=(4, 6)) + relu - batchnorm1d (size=6) - linear (size=(6, 3)) + softmax" in out
    said = [line.partition(" : ")[0] for line in out]
    assert not {"layers", "highest", "transform", "word2idx", "color", "run"} & set(said)
    assert meta["input_size"] == [1, 4]
    assert meta["dataset_type"] == "other"


def test_nothing_that_a_file_says_begins_a_line_of_its_own(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = _content(file)
    content["meta"]["note"] = "x\nepoch : 1000"
    torch.save(content, "noted.pth")
    pth_info("noted.pth")
    assert "epoch : 1000" not in capsys.readouterr().out.splitlines()


def test_what_a_file_says_of_a_module_of_ones_own_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = nn()
    model.load_dataset(X, Y)
    model.add(torch_nn.Linear(4, 3), activation="softmax")
    model.save(tmp_path / "own.pth")
    pth_info(tmp_path / "own.pth")
    assert "backbone : Linear + softmax" in capsys.readouterr().out


def test_a_module_of_ones_own_is_taken_from_the_layers_that_were_added(tmp_path: Path) -> None:
    def laid() -> nn:
        model = nn()
        model.load_dataset(X, Y)
        model.add(torch_nn.Linear(4, 3), activation="softmax")
        return model

    model = laid()
    model.save(tmp_path / "own.pth")
    again = laid()
    again.load(tmp_path / "own.pth")
    assert torch.equal(next(again.model.parameters()), next(model.model.parameters()))
    with pytest.raises(CheckpointInvalid, match="Linear"):
        nn().load(tmp_path / "own.pth")


def _content(file: Path) -> dict[str, Any]:
    return torch.load(file, weights_only=True)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("layers", None),
        ("layers", [{"layer": "linear", "activation": "", "module": "", "arguments": {"size": [4, 7]}}]),
        ("layers", [{"layer": "nothing", "activation": "", "module": "", "arguments": {}}]),
        ("surroundings", {"inputs": [-4], "classes": 3, "vocabulary": 0, "channels": 0}),
        ("surroundings", {"inputs": [4], "classes": "3", "vocabulary": 0, "channels": 0}),
        ("task", "all"),
        ("task", ["cls"]),
        ("dataset_type", 3),
        ("CLASSES", "abc"),
        ("CLASSES", [1, 2]),
        ("word2idx", {"a": 5}),
        ("color", "rgba"),
        ("transform", {"Resize": "__import__('os')"}),
        ("transform", {"Resize": [10**9, 10**9]}),
        ("CLASSES", ["a", "\x1b[2J", "c"]),
        ("highest", "x"),
        ("highest", float("nan")),
        ("epoch", [3]),
        ("loss", "a\nb : c"),
    ],
)
def test_an_edited_file_is_refused_by_the_name_of_what_was_edited(file: Path, name: str, value: Any) -> None:
    content = _content(file)
    content["meta"][name] = value
    torch.save(content, "edited.pth")
    for read in (nn().load, pth_info):
        with pytest.raises(CheckpointInvalid):
            read("edited.pth")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(file: Path, value: float) -> None:
    content = _content(file)
    next(iter(content["state_dict"].values())).fill_(value)
    torch.save(content, "edited.pth")
    for read in (nn().load, pth_info):
        with pytest.raises(CheckpointInvalid, match="NaN"):
            read("edited.pth")


@pytest.mark.parametrize("lost", [["layers"], ["surroundings"], ["layers", "surroundings"]])
def test_a_file_without_its_layers_says_so(file: Path, lost: list[str]) -> None:
    content = _content(file)
    for name in lost:
        del content["meta"][name]
    torch.save(content, "edited.pth")
    for read in (nn().load, pth_info):
        with pytest.raises(CheckpointInvalid, match="description of the layers is missing"):
            read("edited.pth")


def test_a_class_whose_name_holds_a_line_break_is_kept_in_a_line(tmp_path: Path) -> None:
    model = nn()
    model.load_dataset(X, Y, classes=["a\nb", "春 😀", "c"])
    model.add("linear", size=(4, 3))
    model.save(tmp_path / "a.pth")
    assert nn_of(tmp_path / "a.pth").img_classes == ["a\\nb", "春 😀", "c"]


def test_the_parts_of_a_network_are_not_among_what_it_says_of_its_training(file: Path) -> None:
    network = opening.read(file, {})
    assert not set(of_the_network(network)) & set(network.meta)
    assert {"epoch", "loss", "learning_rate"} <= set(network.meta)


def test_other_weights_than_those_of_the_layers_are_refused(file: Path) -> None:
    content = _content(file)
    content["state_dict"].pop(next(iter(content["state_dict"])))
    torch.save(content, "edited.pth")
    with pytest.raises(CheckpointInvalid, match="state_dict"):
        nn().load("edited.pth")


class Attack:
    """Writes a file when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("touched"),)


def test_nothing_in_a_file_is_run(file: Path) -> None:
    content = _content(file)
    content["meta"]["extra"] = Attack()
    torch.save(content, "attack.pth")
    Path("attack.pkl").write_bytes(pickle.dumps(Attack()))
    for name in ("attack.pth", "attack.pkl"):
        for read in (nn().load, pth_info):
            with pytest.raises(XEduError):
                read(name)
    assert not Path("touched").exists()


@pytest.mark.parametrize("data", [b"", b"text", b"PK\x03\x04 cut off"])
def test_what_is_no_file_of_a_network_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.pth").write_bytes(data)
    with pytest.raises(CheckpointInvalid):
        pth_info(tmp_path / "a.pth")
    with pytest.raises(CheckpointNotFound):
        pth_info(tmp_path / "b.pth")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="a folder that cannot be written")
def test_a_folder_that_cannot_be_written_is_named(file: Path, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(PathNotWritable):
        nn_of(file).save(tmp_path / "closed" / "a.pth")


@pytest.mark.parametrize(
    ("given", "name"), [("模型.txt", "模型.txt.pth"), ("模型", "模型.pth"), ("模型.PT", "模型.PT")]
)
def test_what_save_writes_load_reads(given: str, name: str, file: Path) -> None:
    model = nn()
    model.load(file)
    model.save(given)
    assert Path(name).is_file()
    nn().load(name)
