"""The tables of MMDetection's detectors, on the complete names and shapes of its networks with 80 classes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
import torch

from BaseDT.errors import CheckpointInvalid
from MMEdu.models import registry
from MMEdu.models.detection.faster_rcnn.network import FasterRCNN
from MMEdu.weights import loading
from MMEdu.weights.foreign import conversion as convert
from MMEdu.weights.foreign.families.mmdet import TABLES
from MMEdu.weights.foreign.reading import ForeignFile
from MMEdu.weights.foreign.tables import Table
from MMEdu.weights.foreign.translate import open_foreign

_FIXTURES = Path(__file__).parent / "fixtures"
_SCALAR = "-"
_FILE = Path("检测 模型.pth")

tables = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.backbone)


@lru_cache
def _source(table: Table) -> dict[str, str]:
    lines = (_FIXTURES / f"mmdet_{table.backbone.lower()}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ") for line in lines)


@lru_cache
def _ours(table: Table, classes: int = 80) -> dict[str, str]:
    with torch.device("meta"):
        network = registry.find(table.backbone, table.task).build(classes)
    return {name: "x".join(map(str, value.shape)) or _SCALAR for name, value in network.state_dict().items()}


@tables
def test_every_weight_of_the_source_has_a_place_of_its_shape(table: Table) -> None:
    source, ours = _source(table), _ours(table)
    mapped = table.to_ours(source)
    assert [name for name in source if name not in mapped and not table.ignores(name)] == []
    assert {name: ours[place] for name, place in mapped.items()} == {name: source[name] for name in mapped}


@tables
def test_every_weight_of_ours_is_given_by_exactly_one(table: Table) -> None:
    given = list(table.to_ours(_source(table)).values())
    assert sorted(given) == sorted(_ours(table))


@tables
def test_back_to_the_names_of_the_source(table: Table) -> None:
    mapped = table.to_ours(_source(table))
    assert table.to_source(_ours(table)) == {ours: source for source, ours in mapped.items()}


@tables
def test_the_head_is_what_changes_its_shape_with_the_classes(table: Table) -> None:
    fewer, ours = _ours(table, 3), _ours(table)
    assert {name for name in ours if fewer[name] != ours[name]} == set(table.head)


def test_only_the_last_convolution_behind_the_maps_is_ignored() -> None:
    ignored = {t.backbone: [n for n in _source(t) if t.ignores(n)] for t in TABLES}
    assert {backbone: len(names) for backbone, names in ignored.items() if names} == {"Yolov3_MobileNet": 6}
    assert all(name.startswith("backbone.conv2.") for name in ignored["Yolov3_MobileNet"])


def test_the_two_forms_of_yolov3_are_told_apart() -> None:
    light, full = (next(t for t in TABLES if t.backbone == name) for name in ("Yolov3_MobileNet", "Yolov3"))
    backbone = [name for name in _source(light) if name.startswith("backbone.") and not light.ignores(name)]
    assert full.to_ours(backbone).keys() <= {name for name in backbone if name.startswith("backbone.conv1.")}


@tables
def test_the_input_is_that_of_the_recipe(table: Table) -> None:
    preprocess = table.preprocess
    assert preprocess is not None
    assert preprocess.color == "rgb"
    assert preprocess.std == ((255.0,) * 3 if table.backbone == "Yolov3" else (58.395, 57.12, 57.375))
    assert all(side % 32 == 0 for side in preprocess.size)


def _of(backbone: str) -> Table:
    return next(table for table in TABLES if table.backbone == backbone)


def _file(table: Table) -> ForeignFile:
    """A file of the source's own network with 80 classes, without the elements."""
    shapes = {name: () if s == _SCALAR else tuple(map(int, s.split("x"))) for name, s in _source(table).items()}
    return ForeignFile(_FILE, {name: torch.empty(shape, device="meta") for name, shape in shapes.items()})


@tables
def test_a_file_is_recognised(table: Table) -> None:
    found = open_foreign(_file(table), registry.find(table.backbone, table.task))
    assert (found.origin, found.num_classes, found.unmatched) == (f"{table.family} {table.source_name}", 80, ())


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("Yolov3", "Yolov3_MobileNet"),
        ("Yolov3_MobileNet", "Yolov3"),
        ("Yolov3_MobileNet", "SSD_Lite"),
        ("FasterRCNN", "Mask_RCNN"),
        ("Mask_RCNN", "FasterRCNN"),
    ],
)
def test_a_file_of_another_network_is_refused_by_its_name(asked: str, held: str) -> None:
    with pytest.raises(CheckpointInvalid) as refused:
        open_foreign(_file(_of(held)), registry.find(asked, "detection"))
    assert _of(held).source_name in refused.value.message
    assert f"MMDetection({held!r})" in refused.value.hint


def test_copies_of_moving_averages_are_left_out() -> None:
    table = _of("SSD_Lite")
    source = _file(table)
    copies = {f"ema_{name.replace('.', '_')}": value for name, value in source.state.items()}
    found = open_foreign(ForeignFile(_FILE, {**source.state, **copies}), registry.find(table.backbone, table.task))
    assert found.unmatched == ()
    assert set(found.state) == set(_ours(table))


@pytest.mark.parametrize("backbone", ["SSD_Lite", "Yolov3_MobileNet"])
def test_loaded_whole_it_answers_the_same(backbone: str) -> None:
    entry = registry.find(backbone, "detection")
    torch.manual_seed(0)
    network, other = entry.build(4).eval(), entry.build(4).eval()
    source = ForeignFile(_FILE, convert.to_source(_of(backbone), network.state_dict()))
    loading.load_whole(other, open_foreign(source, entry), entry, _FILE)
    images = torch.randn(1, 3, 160, 160)
    with torch.no_grad():
        for want, got in zip(network(images), other(images), strict=True):
            assert want is got or torch.equal(torch.as_tensor(want), torch.as_tensor(got))


def test_published_two_stage_weights_judge_as_many_regions_as_there() -> None:
    entry = registry.find("FasterRCNN", "detection")
    with torch.device("meta"):
        network = FasterRCNN(80)
    assert network.rpn.proposals.total < 1000
    loading.load_whole(network, open_foreign(_file(_of("FasterRCNN")), entry), entry, _FILE)
    assert network.rpn.proposals.total == 1000
