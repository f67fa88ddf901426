"""The tables of MMClassification's networks, on the complete names and shapes of each with its published head."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from MMEdu.weights.foreign.families.mmcls import TABLES
from MMEdu.weights.foreign.shapes import empty
from MMEdu.weights.foreign.tables import Table

_FIXTURES = Path(__file__).parent / "fixtures"

tables = pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.backbone}{table.form}")


def _name(table: Table) -> str:
    return f"mmcls_{table.backbone.lower()}{'_' * bool(table.form)}{table.form}.txt"


def _source(table: Table) -> dict[str, str]:
    lines = (_FIXTURES / _name(table)).read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ") for line in lines)


def _ours(table: Table, classes: int | None = None) -> dict[str, str]:
    network = empty(table.backbone, table.task, classes or (10 if table.backbone == "LeNet" else 1000))
    return {name: "x".join(map(str, value.shape)) or "-" for name, value in network.items()}


def test_every_list_has_its_table() -> None:
    assert {path.name for path in _FIXTURES.glob("mmcls_*.txt")} == {_name(table) for table in TABLES}


@tables
def test_every_weight_of_the_source_has_a_place_of_its_shape(table: Table) -> None:
    source, ours = _source(table), _ours(table)
    assert {name: ours[place] for name, place in table.to_ours(source).items()} == source


@tables
def test_every_weight_of_ours_is_given_by_exactly_one_or_lacks_by_the_form(table: Table) -> None:
    given = [*table.to_ours(_source(table)).values()]
    lacking = table.fills(name for name in _ours(table) if name not in given)
    assert sorted([*given, *lacking]) == sorted(_ours(table))
    assert bool(lacking) == bool(table.form)


@tables
def test_back_to_the_names_of_the_source(table: Table) -> None:
    mapped = table.to_ours(_source(table))
    assert table.to_source(mapped.values()) == {ours: source for source, ours in mapped.items()}


@tables
def test_ours_alone_become_all_of_the_sources(table: Table) -> None:
    assert set(table.to_source(_ours(table)).values()) == set(_source(table))


@tables
def test_the_head_is_what_changes_its_shape_with_the_classes(table: Table) -> None:
    fewer, ours = _ours(table, 3), _ours(table)
    assert {name for name in ours if fewer[name] != ours[name]} == set(table.head)


@tables
def test_averaged_copies_and_constants_carry_nothing(table: Table) -> None:
    extra = ["ema_backbone_conv1_weight", "data_preprocessor.mean"]
    assert all(table.ignores(name) for name in extra)
    assert table.to_ours(extra) == {}


@tables
def test_names_of_other_networks_have_no_place(table: Table) -> None:
    others = ["backbone.stem.0.conv.weight", "backbone.patch_embed.projection.weight", "neck.gap.weight", "fc.weight"]
    assert table.to_ours(others) == {}


def test_the_input_is_that_of_the_recipe() -> None:
    inputs = {table.backbone: table.preprocess for table in TABLES}
    assert inputs["LeNet"] is not None
    assert (inputs["LeNet"].size, inputs["LeNet"].mean, inputs["LeNet"].std) == ((32, 32), (33.46,), (78.87,))
    for backbone, preprocess in inputs.items():
        if backbone != "LeNet":
            assert preprocess is not None
            assert (preprocess.size, preprocess.resize, preprocess.resize_to) == ((224, 224), "short_side", 256)
            mean = (123.675, 116.28, 103.53)
            # pycls reads blue, green, red
            bgr = backbone == "RegNet_384"
            assert (preprocess.color, preprocess.mean) == (("bgr", mean[::-1]) if bgr else ("rgb", mean))


# Each table was held against its network by number: the same weights and pixels gave the same outputs, bit for bit
# (RepVGG deployed: 2e-7). Shapes do not tell two convolutions of the same size apart, so the proven pairs are kept.
_PROVEN = {
    "mmcls_lenet.txt": "630ef5391c13",
    "mmcls_mobilenet.txt": "b42644d510b9",
    "mmcls_resnet18.txt": "595f18e4f0ae",
    "mmcls_resnet50.txt": "c2c8100d656c",
    "mmcls_resnext.txt": "c2c8100d656c",
    "mmcls_regnet_384.txt": "adf60fb70cea",
    "mmcls_repvgg.txt": "ec9bf450eb71",
    "mmcls_repvgg_deploy.txt": "bc6f2733e97d",
    "mmcls_shufflenet_v2.txt": "70b7deb3d735",
    "mmcls_vgg.txt": "417343f5b60f",
    "mmcls_vgg_bn.txt": "8461e644f5c4",
}


_DEEPER = {"resnet34": "ResNet18", "resnet101": "ResNet50", "resnet152": "ResNet50"}


@tables
def test_the_pairs_of_names_are_those_that_were_proven_by_number(table: Table) -> None:
    if table.backbone in _DEEPER:
        shorter = next(t for t in TABLES if t.backbone == _DEEPER[table.backbone])
        assert table.rules == shorter.rules  # they count stages and blocks, however many there are
        return
    pairs = "\n".join(" ".join(pair) for pair in sorted(table.to_ours(_source(table)).items()))
    assert hashlib.sha256(pairs.encode()).hexdigest()[:12] == _PROVEN[_name(table)]
