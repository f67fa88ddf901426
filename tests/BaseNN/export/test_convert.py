"""Networks as ONNX files: every layer, the same numbers, their own knowledge, a script that runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

import BaseDeploy
from BaseDT import image
from BaseDT.errors import (
    ExportDiffers,
    ExportFailed,
    NothingLoaded,
    ParameterInvalid,
    ParameterUnknown,
    PathNotWritable,
)
from BaseNN import nn
from BaseNN.export import compared
from BaseNN.export.convert import Version, convert
from BaseNN.files.trained import TrainedNetwork
from BaseNN.layers import building
from BaseNN.layers.kind import Surroundings
from BaseNN.layers.stack import Stack
from XEdu.hub import Workflow

WORDS = {"床": 0, "前'": 1, "😀": 2, '月"\\': 3, "\n光": 4}
TABLE = [("linear", "relu", {"size": (4, 10)}), ("linear", "softmax", {"size": (10, 3)})]
LENET = [
    ("conv2d", "relu", {"size": (1, 4), "kernel_size": 3}),
    ("maxpool", None, {"kernel_size": 2}),
    ("linear", "softmax", {"size": (None, 3)}),
]
CONVOLUTIONS = [
    ("conv2d", "relu", {"size": (3, 4), "kernel_size": 3, "padding": 1}),
    ("res_block", None, {"size": (4, 8), "stride": 2}),
    ("avgpool", None, {"kernel_size": 2}),
]


def network(inputs: tuple[int, ...], layers: Sequence[Any], **known: Any) -> TrainedNetwork:
    """A network of layers, with weights by a seed and with statistics that are not those of the beginning."""
    torch.manual_seed(0)
    channels = inputs[0] if len(inputs) == 3 else 0
    stack = Stack(Surroundings(inputs, 3, len(known.get("word2idx", {})), channels))
    for layer, activation, arguments in layers:
        stack = stack.add(layer, activation, arguments)
    model = building.build(stack, {})
    for part in model.modules():
        if isinstance(part, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)):
            torch.nn.init.normal_(part.running_mean)
            torch.nn.init.uniform_(part.running_var, 0.5, 2)
    return TrainedNetwork(model.eval(), stack, known.pop("task", "cls"), **known)


def converted(folder: Path, made: TrainedNetwork, samples: np.ndarray | None = None, **version: int) -> Path:
    asked = Version(version.get("opset", 10), version.get("ir", 6))
    return convert(made, folder / "网 络.onnx", "ONNX", asked, samples, lambda _: None).file


def rows(shape: tuple[int, ...], count: int = 3) -> np.ndarray:
    return np.random.default_rng(1).random((count, *shape)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "数据 集"


# --- the same numbers -------------------------------------------------------------------------------------------------

EVERY_LAYER: Mapping[str, tuple[tuple[int, ...], Sequence[Any]]] = {
    "table": ((4,), TABLE),
    "activations": ((4,), [("linear", name, {"size": 6}) for name in ("tanh", "leakyrelu", "sigmoid")]),
    "lenet": ((1, 12, 16), LENET),
    "convolutions": ((3, 16, 24), CONVOLUTIONS),
    "dropout and norms": (
        (3, 8, 8),
        [
            ("batchnorm2d", None, {"size": 3}),
            ("conv2d", "relu", {"size": (3, 4), "kernel_size": 3}),
            ("reshape", None, {}),
            ("linear", None, {"size": (None, 5)}),
            ("batchnorm1d", None, {"size": 5}),
            ("dropout", None, {"p": 0.9}),
            ("linear", "softmax", {"size": (5, 3)}),
        ],
    ),
    "conv1d": ((3, 20), [("conv1d", "relu", {"size": (3, 4), "kernel_size": 3}), ("linear", "softmax", {"size": 3})]),
    "lstm": (
        (5, 6),
        [
            ("lstm", None, {"size": (6, 8)}),
            ("unsqueeze", None, {}),
            ("squeeze", None, {}),
            ("linear", "softmax", {"size": 3}),
        ],
    ),
    "action": ((5, 6), [("action_model", None, {"size": (6, 8)}), ("linear", "softmax", {"size": (8, 3)})]),
    "bottleneck": ((3, 16, 16), [("res_bottleneck", None, {"size": (3, 4)}), ("linear", "softmax", {"size": 3})]),
    "mobilenet": ((3, 32, 32), [("mobilenet", "softmax", {})]),
}


@pytest.mark.parametrize("name", EVERY_LAYER)
def test_the_file_gives_the_networks_numbers(folder: Path, name: str) -> None:
    shape, layers = EVERY_LAYER[name]
    made = network(shape, layers, dataset_type="img" if len(shape) == 3 else "tab" if len(shape) == 1 else "npz")
    data = rows(shape)
    with torch.no_grad():
        expected = made.model(torch.from_numpy(data)).numpy()
    (scores,) = Workflow("basenn", converted(folder, made)).inference(data)
    assert scores.shape == expected.shape
    assert np.abs(scores - expected).max() <= 1e-5
    assert (scores.reshape(3, -1).argmax(1) == expected.reshape(3, -1).argmax(1)).all()


def test_words_are_written_on(folder: Path) -> None:
    made = network((4,), [("em_lstm", None, {"size": (6, 8), "num_layers": 2})], task="cls", word2idx=WORDS)
    workflow = Workflow("basenn", converted(folder, made))
    for words in (["床"], ["床", "前'", '月"\\', "😀", "\n光", "床", "床"]):
        numbers = torch.tensor([[WORDS[word] for word in words]])
        with torch.no_grad():
            expected = made.model(numbers)[0][0].softmax(-1).numpy()
        (scores,) = workflow.inference(words)
        assert scores == pytest.approx(expected, abs=1e-5)
        said = workflow.format_output(isprint=False)
        assert said[len(words) - 1]["预测值"] == list(WORDS)[expected[-1].argmax()]


@pytest.mark.parametrize("opset", [9, 10, 11, 13, 17])
def test_the_versions_are_those_that_were_asked_for(folder: Path, opset: int) -> None:
    ir = 8 if opset > 11 else 6
    file = converted(folder, network((1, 12, 16), LENET, dataset_type="img"), opset=opset, ir=ir)
    model = onnx.load(file)
    assert (model.opset_import[0].version, model.ir_version) == (opset, ir)


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_values_to_255_mean_the_same_as_values_to_1(folder: Path) -> None:
    """The original's client hands over 0 to 255 where the network learned 0 to 1."""
    workflow = Workflow("basenn", converted(folder, network((1, 12, 16), LENET, dataset_type="img")))
    pixels = np.random.default_rng(0).integers(0, 256, (3, 1, 12, 16)).astype(np.uint8)
    pixels[1] = 0
    small = workflow.inference(pixels.astype(np.float32) / 255)[0]
    assert workflow.inference(pixels)[0] == pytest.approx(small, abs=1e-6)
    assert workflow.inference(pixels[0, 0])[0] == pytest.approx(small[:1], abs=1e-6)


def test_pictures_of_any_size_go_in_where_the_network_allows_it(folder: Path) -> None:
    free = converted(folder, network((3, 16, 24), CONVOLUTIONS, dataset_type="img"))
    assert Workflow("basenn", free).inference(rows((3, 40, 32)))[0].shape == (3, 8, 10, 8)
    fixed = Workflow("basenn", converted(folder, network((1, 12, 16), LENET, dataset_type="img")))
    with pytest.raises(ValueError, match="N × 1 × 12 × 16"):
        fixed.inference(rows((1, 16, 16)))


def test_arrays_of_a_users_own_are_pictures_as_they_were(folder: Path) -> None:
    """What was learned from 0 to 255 is not divided."""
    data = rows((1, 12, 16)) * 255
    workflow = Workflow("basenn", converted(folder, network((1, 12, 16), LENET, dataset_type="other"), data))
    assert workflow.inference(data)[0].shape == (3, 3)
    pixels = data.astype(np.uint8)
    one = workflow.inference(pixels.astype(np.float32))[0]
    assert workflow.inference([pixels[0, 0]])[0] == pytest.approx(one[:1], abs=1e-6)


def test_a_classifier_of_pictures_runs_wherever_those_of_mmedu_do(folder: Path) -> None:
    """Served, measured, evaluated: with the same answer."""
    made = network((1, 12, 16), LENET, dataset_type="img", color="grayscale", classes=("猫", "狗", "鸟"))
    file = converted(folder, made)
    picture = image.write(folder / "图.png", np.random.default_rng(0).integers(0, 256, (30, 50, 3), np.uint8))
    own = Workflow("basenn", file)
    own.inference(picture)
    said = own.format_output(isprint=False)[0]
    found = Workflow("mmedu", file).inference(picture)
    assert (found["标签"], found["预测结果"]) == (said["预测值"], said["预测结果"])
    assert found["置信度"] == pytest.approx(said["分数"], abs=1e-3)
    assert np.argmax(BaseDeploy.load(file).inference(picture)[0]) == said["预测值"]
    for name in made.classes:
        image.write(folder / "评 估" / name / "1.png", np.zeros((12, 16), np.uint8))
    assert own.evaluate(folder / "评 估", save_fold=folder / "报 告", isprint=False)


@pytest.mark.parametrize(
    "known",
    [{"classes": ("猫", "狗")}, {"task": "reg"}],
    ids=["too few names", "numbers"],
)
def test_what_is_no_classifier_is_not_called_one(folder: Path, known: Any) -> None:
    layers = [*LENET[:2], ("linear", known.pop("activation", "softmax"), {"size": 3})]
    file = converted(folder, network((1, 12, 16), layers, dataset_type="img", **known))
    assert "mmedu" not in {item.key for item in onnx.load(file).metadata_props}


@pytest.mark.parametrize(("highest", "divided"), [(1, True), (255, False)])
def test_the_brightness_that_was_learned_is_remembered(folder: Path, highest: int, divided: bool) -> None:
    """Arrays are learned as they are; what went in is not at hand any more when a file is converted."""
    model = nn("cls", save_fold=folder)
    model.load_dataset(rows((1, 12, 16), 6) * highest, np.array([0, 1, 2, 0, 1, 2]))
    for layer, activation, arguments in LENET:
        model.add(layer, activation, **arguments)
    model.train(epochs=1, lr=0.01)
    workflow = Workflow("basenn", nn().convert(folder / "basenn.pth", folder / "x.onnx"))
    pixels = np.random.default_rng(0).integers(2, 256, (12, 16)).astype(np.uint8)
    as_learned = pixels[None, None].astype(np.float32) / np.float32(255 if divided else 1)
    assert workflow.inference([pixels])[0] == pytest.approx(model.inference(as_learned), abs=1e-5)


# --- what the file says -----------------------------------------------------------------------------------------------


def test_the_original_client_can_read_what_the_file_says(folder: Path) -> None:
    """Its texts are literals of Python, which it evaluates."""
    import ast

    made = network((4,), [("em_lstm", None, {"size": (6, 8), "num_layers": 1})], word2idx=WORDS)
    said = {item.key: item.value for item in onnx.load(converted(folder, made)).metadata_props}
    assert ast.literal_eval(said["word2idx"]) == json.loads(said["word2idx"]) == WORDS
    assert (ast.literal_eval(said["input_size"]), said["dataset_type"]) == ([1, 4], "npz")


def test_classes_and_task_go_along(folder: Path) -> None:
    made = network((4,), TABLE, dataset_type="tab", classes=("山鸢尾", "变色", "维吉尼亚"))
    workflow = Workflow("basenn", converted(folder, made))
    workflow.inference([1, 2, 3, 4])
    assert workflow.format_output(isprint=False)[0]["预测结果"] in made.classes
    numbers = network((4,), [("linear", None, {"size": (4, 1)})], dataset_type="tab", task="reg")
    workflow = Workflow("basenn", converted(folder, numbers))
    (value,) = workflow.inference([1, 2, 3, 4])
    assert workflow.format_output(isprint=False) == {0: {"预测值": pytest.approx(float(value[0, 0]))}}


@pytest.mark.parametrize(
    ("shape", "layers", "known"),
    [
        ((1, 12, 16), LENET, {"dataset_type": "img"}),
        ((4,), TABLE, {"dataset_type": "tab"}),
        ((5, 6), [("action_model", "softmax", {"size": (6, 8)})], {"dataset_type": "npz"}),
        ((4,), [("em_lstm", None, {"size": (6, 8), "num_layers": 1})], {"word2idx": {"a": 0, "b": 1}}),
    ],
    ids=["pictures", "table", "sequences", "words"],
)
def test_the_script_beside_it_runs(folder: Path, shape: Any, layers: Any, known: Any) -> None:
    script = converted(folder, network(shape, layers, **known)).with_suffix(".py")
    done = subprocess.run([sys.executable, script], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip()) == 21 if "word2idx" in known else "预测值" in done.stdout


def test_an_edited_script_is_left_alone(folder: Path) -> None:
    script = converted(folder, network((4,), TABLE)).with_suffix(".py")
    edited = script.read_text(encoding="utf-8").replace("lang=", "lang =")
    for text, said in ((edited, "it was edited"), ("# 我的程序\n", "another program of this name")):
        script.write_text(text, encoding="utf-8")
        told: list[Any] = []
        convert(network((4,), TABLE), folder / "网 络", "ONNX", Version(10, 6), None, told.append)
        assert script.read_text(encoding="utf-8") == text
        assert said in told[-1].text


# --- the documented call ----------------------------------------------------------------------------------------------


@pytest.fixture
def laid() -> nn:
    model = nn("cls")
    model.add("linear", size=(4, 10), activation="relu")
    model.add("linear", size=(10, 3), activation="softmax")
    return model


def test_convert_takes_the_network_as_it_is(folder: Path, laid: nn, capsys: pytest.CaptureFixture[str]) -> None:
    laid._laid = laid._laid.fitted_to(Surroundings((4,), 3))
    file = laid.convert(out_file=folder / "鸢尾")
    assert file == folder / "鸢尾.onnx"
    assert "Converted: " in capsys.readouterr().out
    laid.model.eval()
    with torch.no_grad():
        expected = laid.model(torch.ones(1, 4)).numpy()
    assert Workflow("basenn", file).inference([1, 1, 1, 1])[0] == pytest.approx(expected, abs=1e-6)


def test_a_network_without_data_says_so(folder: Path, laid: nn, refused) -> None:
    with refused(NothingLoaded, "data look like", "load_tab_data"):
        laid.convert(out_file=folder / "x.onnx")
    assert not folder.exists()


@pytest.mark.parametrize(
    ("options", "kind", "word"),
    [
        ({"backend": "NCNN"}, ParameterInvalid, "ONNX"),
        ({"backend": 3}, ParameterInvalid, "ONNX"),
        ({"opset_version": 3}, ParameterInvalid, "opset_version"),
        ({"ir_version": 2}, ParameterInvalid, "ir_version"),
        ({"opset": 10}, ParameterUnknown, "opset_version"),
        ({"out_file": ".onnx"}, ParameterInvalid, "out_file"),
    ],
)
def test_what_cannot_be_written_is_refused_before(laid: nn, options: Any, kind: Any, word: str, refused) -> None:
    laid._laid = laid._laid.fitted_to(Surroundings((4,), 3))
    with refused(kind, word):
        laid.convert(**options)


@pytest.mark.parametrize(("opset", "ir", "least"), [(10, 3, 5), (15, 6, 8)])
def test_a_format_too_old_for_the_operators_becomes_the_least(
    opset: int, ir: int, least: int, laid: nn, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laid._laid = laid._laid.fitted_to(Surroundings((4,), 3))
    file = laid.convert(out_file=folder / "x.onnx", opset_version=opset, ir_version=ir)
    assert onnx.load(file).ir_version == least
    assert f"needs ir_version {least}" in capsys.readouterr().out


def test_a_folder_is_no_file(laid: nn, tmp_path: Path, refused) -> None:
    laid._laid = laid._laid.fitted_to(Surroundings((4,), 3))
    with refused(PathNotWritable, "is a folder"):
        laid.convert(out_file=tmp_path)


def test_a_file_that_says_something_else_is_not_written(folder: Path, monkeypatch: pytest.MonkeyPatch, refused) -> None:
    made = network((4,), TABLE, dataset_type="tab")
    true = compared.bytes_of

    def other(deployed: Any, *rest: Any, **more: Any) -> bytes:
        with torch.no_grad():
            deployed.network[1].bias += 0.1
        data = true(deployed, *rest, **more)
        with torch.no_grad():
            deployed.network[1].bias -= 0.1
        return data

    monkeypatch.setattr(compared, "bytes_of", other)
    with refused(ExportDiffers, "differs"):
        converted(folder, made)
    assert not list(folder.glob("*.onnx"))


def test_a_diffusion_model_is_not_one_file(folder: Path, refused) -> None:
    made = network((1, 8, 8), [("diffusion_model", None, {"img_size": 8, "timestep": 10})], dataset_type="img")
    with refused(ExportFailed, "many steps"):
        converted(folder, made)
