"""The tables of torchvision's two-stage detectors, on the complete names and shapes of its networks with 91 labels."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torch import Tensor

from BaseDT.errors import CheckpointInvalid
from MMEdu.models import registry
from MMEdu.weights import loading
from MMEdu.weights.foreign import conversion as convert
from MMEdu.weights.foreign.families.torchvision_detection import TABLES
from MMEdu.weights.foreign.reading import ForeignFile
from MMEdu.weights.foreign.tables import Table
from MMEdu.weights.foreign.translate import open_foreign
from MMEdu.weights.opened import OpenedWeights

_FIXTURES = Path(__file__).parent / "fixtures"

tables = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.backbone)


def _shapes(table: Table) -> dict[str, tuple[int, ...]]:
    lines = (_FIXTURES / f"torchvision_{table.backbone.lower()}.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ") for line in lines)
    return {name: () if shape == "-" else tuple(map(int, shape.split("x"))) for name, shape in pairs}


def _state(table: Table) -> dict[str, Tensor]:
    return {name: torch.empty(shape, device="meta") for name, shape in _shapes(table).items()}


def _early(name: str) -> str:
    """The name in the files of early versions."""
    name = re.sub(r"(_blocks\.\d+|rpn\.head\.conv\.0)\.0\.", r"\1.", name).replace("rpn.head.conv.0.", "rpn.head.conv.")
    return re.sub(r"mask_head\.(\d)\.0\.", lambda found: f"mask_head.mask_fcn{int(found[1]) + 1}.", name)


def _ours(table: Table) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        network = registry.find(table.backbone, table.task).build(90)
    return {name: tuple(value.shape) for name, value in network.state_dict().items()}


@tables
@pytest.mark.parametrize("early", [False, True])
def test_every_weight_has_a_place_of_its_shape(table: Table, early: bool) -> None:
    state = {_early(name) if early else name: value for name, value in _state(table).items()}
    assert {name: tuple(v.shape) for name, v in convert.to_ours(table, state).items()} == _ours(table)


@tables
def test_back_to_the_names_and_shapes_of_the_source(table: Table) -> None:
    ours = {name: torch.empty(shape, device="meta") for name, shape in _ours(table).items()}
    back = convert.to_source(table, ours)
    assert {name: tuple(value.shape) for name, value in back.items()} == _shapes(table)


@tables
def test_the_background_is_last_and_has_neither_boxes_nor_masks(table: Table) -> None:
    state = {
        name: torch.arange(shape[0]).reshape(-1, *(1 for _ in shape[1:]))
        for name, shape in _shapes(table).items()
        if name.startswith("roi_heads.") and "predictor" in name
    }
    ours = convert.to_ours(table, state)
    assert ours["bbox_head.fc_cls.bias"].tolist() == [*range(1, 91), 0]
    assert ours["bbox_head.fc_reg.weight"].flatten().tolist() == list(range(4, 364))
    if table.backbone == "Mask_RCNN":
        assert ours["mask_head.conv_logits.weight"].flatten().tolist() == list(range(1, 91))


def _translated(table: Table) -> OpenedWeights:
    path = Path("检测 模型.pth")
    return open_foreign(ForeignFile(path, _state(table)), registry.find(table.backbone, table.task))


@tables
def test_a_file_is_recognised_as_torchvisions(table: Table) -> None:
    found = _translated(table)
    assert found.origin == f"{table.family} {table.source_name}"
    assert found.num_classes == 90
    assert found.unmatched == ()


@tables
def test_it_gives_no_answers(table: Table) -> None:
    entry = registry.find(table.backbone, table.task)
    with torch.device("meta"):
        network = entry.build(90)
    with pytest.raises(CheckpointInvalid, match=f"{table.source_name}.*rounded anchors"):
        loading.load_whole(network, _translated(table), entry, Path("检测 模型.pth"))


@tables
def test_a_training_starts_from_it(table: Table) -> None:
    entry = registry.find(table.backbone, table.task)
    with torch.device("meta"):
        network = entry.build(3)
    lines = loading.load_matching(network, _translated(table), entry, Path("检测 模型.pth"), ["cat", "dog", "cow"])
    assert table.source_name in lines[0]
    assert "computes otherwise (rounded anchors" in lines[1]
    assert len(lines) == 3  # and that the head starts fresh
