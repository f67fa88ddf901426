"""Files of the original: whole modules become layers of ours with the same answers, and nothing of them runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import MMEdu
import originals_on_disk as originals
from BaseDT.errors import CheckpointInvalid, ModelUnsupported, XEduError
from BaseNN import nn as network_of
from BaseNN import pth_info
from BaseNN.export.convert import Version, convert
from BaseNN.files.opening import read
from XEdu.hub import Workflow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "数据 集"


def answers(network: nn.Module, *shape: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Made-up data, and what a network says of them."""
    data = torch.rand(3, *shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return data, network(data)


# --- what is read -----------------------------------------------------------------------------------------------------

CHAINS: dict[str, tuple[Any, tuple[int, ...], list[str]]] = {
    "iris": (originals.iris, (4,), ["linear", "linear"]),
    "lenet": (
        lambda: originals.chain(
            ("conv2d1", nn.Conv2d(1, 6, 5)),
            ("relu1", nn.ReLU()),
            ("maxpooling2", nn.MaxPool2d(2)),
            ("dropout3", nn.Dropout(0.3)),
            ("avgpooling4", nn.AvgPool2d(2, stride=1)),
            ("batchnorm2d5", nn.BatchNorm2d(6)),
            ("reshape", originals.Reshape()),
            ("linear6", nn.Linear(6 * 3 * 5, 10)),
            ("tanh6", nn.Tanh()),
            ("batchnorm1d7", nn.BatchNorm1d(10)),
            ("linear8", nn.Linear(10, 3)),
            ("softmax8", nn.Softmax(dim=1)),
        ),
        (1, 12, 16),
        ["conv2d", "maxpool", "dropout", "avgpool", "batchnorm2d", "linear", "batchnorm1d", "linear"],
    ),
    "actions": (
        lambda: originals.chain(
            ("lstm1", nn.LSTM(6, 8, batch_first=True)),
            ("part01", originals.Part0()),
            ("dim21", originals.dim2()),
            ("batchnorm1d1", nn.BatchNorm1d(8)),
            ("reshape", originals.Reshape()),
            ("linear2", nn.Linear(8, 3)),
            ("softmax2", nn.Softmax(dim=1)),
        ),
        (5, 6),
        ["action_model", "linear"],
    ),
    "sequences": (
        lambda: originals.chain(
            ("lstm1", nn.LSTM(6, 8, batch_first=True)),
            ("part01", originals.Part0()),
            ("leakyrelu1", nn.LeakyReLU(0.2)),
            ("unsqueeze", originals.Unsqueeze()),
            ("squeeze", originals.Squeeze()),
            ("sigmoid4", nn.Sigmoid()),
        ),
        (5, 6),
        ["lstm", "unsqueeze", "squeeze"],
    ),
    "residual": (
        lambda: originals.chain(("res_stage1", originals.ResNet((3, 4), 2, 2))),
        (3, 8, 8),
        ["res_block"],
    ),
    "steps": (
        lambda: originals.chain(("conv1d1", nn.Conv1d(3, 4, 3, padding=1)), ("relu1", nn.ReLU())),
        (3, 9),
        ["conv1d"],
    ),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_module_becomes_layers_with_the_same_answers(folder: Path, name: str) -> None:
    make, shape, layers = CHAINS[name]
    original = make()
    file = originals.pth(folder / "网 络.pth", original, input_size=np.array([1, *shape]))
    found = read(file, {})
    assert [layer.layer for layer in found.stack.layers] == layers
    assert found.stack.surroundings.inputs == shape
    data, expected = answers(original, *shape)
    with torch.no_grad():
        assert torch.equal(found.model(data), expected)


def test_what_a_file_says_goes_along(folder: Path) -> None:
    classes = {0: "山鸢尾", 1: "变色", 2: "维吉尼亚"}
    found = read(originals.pth(folder / "x.pth", originals.iris(), CLASSES=classes), {})
    assert found.classes == ("山鸢尾", "变色", "维吉尼亚")
    assert (found.dataset_type, found.task, found.meta["epoch"], found.meta["tool"]) == ("tab", "cls", 50, "BaseNN")


@pytest.mark.parametrize(
    ("given", "names"),
    [(["a", "b"], ("a", "b")), ({"a": 0, "b": 1}, ("a", "b")), (None, ()), (np.array([1, 2]), ())],
)
def test_classes_come_in_every_form(folder: Path, given: object, names: tuple[str, ...]) -> None:
    assert read(originals.pth(folder / "x.pth", originals.iris(), CLASSES=given), {}).classes == names


def test_transforms_of_pictures_are_read_as_data(folder: Path) -> None:
    steps = originals.Compose([originals.Resize((12, 16))])
    made = originals.chain(("conv2d1", nn.Conv2d(1, 2, 3)))
    known = {"input_size": np.array([1, 1, 12, 16]), "dataset_type": "img", "color": "grayscale", "transform": steps}
    found = read(originals.pth(folder / "x.pth", made, **known), {})
    assert (found.color, dict(found.transform)) == ("grayscale", {"Resize": [12, 16]})


@pytest.mark.parametrize("family", ["BaseNN.BaseNN", "MMBase", "MMEdu.MMBase"])
def test_older_files_are_the_bare_module_or_beside_its_classes(folder: Path, family: str) -> None:
    network = originals.iris()
    data, expected = answers(network, 4)
    for content, classes in ((network, ()), ([["a", "b", "c"], network], ("a", "b", "c"))):
        found = read(originals.saved(folder / "mmbase_net.pkl", content, family), {})
        with torch.no_grad():
            assert torch.equal(found.model(data), expected)
        assert found.classes == classes
        assert found.stack.surroundings.inputs == (4,)


def test_one_number_without_a_limit_is_estimated(folder: Path) -> None:
    house = originals.chain(("reshape", originals.Reshape()), ("linear1", nn.Linear(3, 1)))
    assert read(originals.saved(folder / "x.pkl", house), {}).task == "reg"


def test_nn_takes_such_files_wherever_it_takes_its_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    original = originals.iris()
    file = originals.pth(folder / "x.pth", original, CLASSES=["a", "b", "c"])
    data, expected = answers(original, 4)
    model = network_of()
    model.load(file)
    assert model.inference(data.numpy()) == pytest.approx(expected.numpy(), abs=1e-6)
    assert model.print_result()[0]["预测结果"] == "abc"[int(expected[0].argmax())]
    model.save(folder / "ours.pth")
    assert network_of().inference([[1, 2, 3, 4]], checkpoint=folder / "ours.pth").shape == (1, 3)
    board = network_of().convert(file, folder / "x.onnx")
    assert Workflow("basenn", board).inference(data.numpy())[0] == pytest.approx(expected.numpy(), abs=1e-6)
    capsys.readouterr()
    assert pth_info(file)["CLASSES"] == ["a", "b", "c"]
    assert "dataset_size : 120" in capsys.readouterr().out


def test_a_network_of_words_is_built_of_its_weights(folder: Path) -> None:
    torch.manual_seed(0)
    network = originals.lstm(5, 6, 8, 2)
    words = {word: number for number, word in enumerate("床前明月光")}
    meta = {"word2idx": words, "input_size": np.array([1, 4]), "dataset_type": "npz", "backbone": network}
    config = {"model": "lstm", "para": {"vs": 5, "ed": 6, "hd": 8, "nl": 2}}
    content = {"meta": meta, "state_dict": network.state_dict(), "para": {"config": config, "rnn": True}}
    found = read(originals.saved(folder / "x.pth", content), {})
    assert (found.task, dict(found.word2idx)) == ("gen", words)
    with torch.no_grad():
        expected = network(torch.tensor([[0], [1], [2]]))
        assert found.model(torch.tensor([[0, 1, 2]]))[0][0] == pytest.approx(expected, abs=1e-6)


def test_the_size_of_pictures_is_looked_for_where_no_file_tells_it(folder: Path) -> None:
    network = originals.chain(
        ("conv2d1", nn.Conv2d(1, 2, 5)), ("reshape", originals.Reshape()), ("linear2", nn.Linear(2 * 28 * 28, 3))
    )
    assert read(originals.saved(folder / "x.pkl", network), {}).stack.surroundings.inputs == (1, 32, 32)


def test_a_file_of_the_original_goes_to_a_board(folder: Path) -> None:
    original = originals.iris()
    found = read(originals.pth(folder / "x.pth", original, CLASSES=["a", "b", "c"]), {})
    file = convert(found, folder / "板 子", "ONNX", Version(10, 6), None, lambda _: None).file
    data, expected = answers(original, 4)
    assert Workflow("basenn", file).inference(data.numpy())[0] == pytest.approx(expected.numpy(), abs=1e-6)


def test_a_module_of_ones_own_is_filled_where_it_is_at_hand(folder: Path, refused) -> None:
    network = originals.chain(("Net1", originals.Net()), ("linear2", nn.Linear(4, 2)))
    file = originals.pth(folder / "x.pth", network)
    with refused(CheckpointInvalid, "my_program.Net"):
        read(file, {})
    found = read(file, {0: originals.Net()})
    data, expected = answers(network, 4)
    with torch.no_grad():
        assert torch.equal(found.model(data), expected)


def test_mmedu_says_who_reads_such_a_file(folder: Path, refused) -> None:
    with refused(CheckpointInvalid, "wants to run code", "nn().load"):
        MMEdu.pth_info(originals.pth(folder / "x.pth", originals.iris()))


# --- what is refused --------------------------------------------------------------------------------------------------


class Bomb:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.target,)


@pytest.mark.parametrize("place", ["alone", "meta", "within", "classes"])
def test_nothing_in_a_file_runs(folder: Path, place: str, refused) -> None:
    folder.mkdir()
    network, bomb = originals.iris(), Bomb(folder / "ran")
    if place == "within":
        network.note = bomb
    content: Any = {"alone": bomb, "meta": {"meta": {"x": bomb}, "state_dict": network}}.get(place, network)
    file = originals.saved(folder / "坏.pkl", [bomb, network] if place == "classes" else content)
    with refused(CheckpointInvalid, "wants to run code"):
        read(file, {})
    assert not (folder / "ran").exists()


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (nn.ConvTranspose2d(1, 2, 3), "ConvTranspose2d"),
        (nn.Conv2d(2, 2, 3, groups=2), "Conv2d(groups=2)"),
        (nn.Conv2d(2, 2, 3, dilation=2), "Conv2d(dilation=(2, 2))"),
        (nn.LeakyReLU(0.01), "LeakyReLU(negative_slope=0.01)"),
        (nn.LSTM(3, 4, num_layers=2, batch_first=True), "LSTM"),
        (nn.MaxPool2d(2, ceil_mode=True), "ceil_mode"),
        (originals.GaussianDiffusion(), "diffusion model"),
        (nn.Bilinear(2, 2, 2), "Bilinear (layer 1)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_layer_that_is_not_ours_is_named(folder: Path, part: nn.Module, name: str, refused) -> None:
    with refused(ModelUnsupported, name):
        read(originals.pth(folder / "x.pth", originals.chain(("first1", part))), {})


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ((("conv1d1", nn.Conv1d(3, 4, 3)), ("maxpooling2", nn.MaxPool2d(2))), "pooling across channels"),
        (
            (("lstm1", nn.LSTM(3, 4, batch_first=True)), ("part01", originals.Part0()), ("softmax1", nn.Softmax())),
            "softmax over the batch",
        ),
        ((("part01", originals.Part0()),), "Part0"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_answer_otherwise_is_named(folder: Path, parts: Any, name: str, refused) -> None:
    file = originals.pth(folder / "x.pth", originals.chain(*parts), input_size=np.array([1, 3, 9]))
    if name.startswith("softmax"):
        file = originals.pth(folder / "x.pth", originals.chain(*parts), input_size=np.array([1, 9, 3]))
    with refused(ModelUnsupported, name):
        read(file, {})


def damaged(name: str) -> nn.Module:
    network = originals.iris()
    if name == "a size":
        network[1].in_features = 5
    elif name == "a text for a size":
        network[1].in_features = "4"
    elif name == "weights gone":
        network[1]._parameters.pop("weight")
    elif name == "expanded weights":
        network[1].weight = nn.Parameter(torch.zeros(1).expand(10, 4))
    elif name == "whole weights":
        network[1]._parameters["weight"] = torch.zeros(10, 4, dtype=torch.int64)
    elif name == "within itself":
        network.add_module("again", network)
    return network


@pytest.mark.parametrize(
    "name",
    ["a size", "a text for a size", "weights gone", "expanded weights", "whole weights", "within itself"],
)
def test_a_damaged_network_is_named(folder: Path, name: str) -> None:
    file = originals.saved(folder / "坏 的.pkl", damaged(name))
    with pytest.raises(XEduError) as caught:
        read(file, {})
    assert caught.value.code in (-202, -206)
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [{"state_dict": {"a": torch.zeros(2)}}, [1, 2, 3], {"meta": {}, "state_dict": 3}, torch.zeros(3), "x"],
    ids=str,
)
def test_what_is_no_network_is_named(folder: Path, content: object, refused) -> None:
    with refused(CheckpointInvalid, "no network of BaseNN"):
        read(originals.saved(folder / "x.pkl", content), {})


@pytest.mark.parametrize("cut", [0, 10, 300])
def test_a_file_that_is_cut_off_is_named(folder: Path, cut: int, refused) -> None:
    file = originals.pth(folder / "断.pth", originals.iris())
    file.write_bytes(file.read_bytes()[:cut])
    with refused(CheckpointInvalid, "断.pth"):
        read(file, {})
