"""Rules and tables: patterns of names that are read in both directions, and mistakes in them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from MMEdu.weights.foreign.families import mmcls, mmdet, torchvision, torchvision_detection
from MMEdu.weights.foreign.tables import Rule, Table

BLOCKS = Rule("layer{block}.{leaf}", "features.{block}.{leaf}", values={"block": {"1.0": "1", "2.0": "2", "2.1": "3"}})


@pytest.mark.parametrize(
    ("rule", "source", "ours"),
    [
        (Rule("backbone.{rest*}", "{rest*}"), "backbone.a.b.weight", "a.b.weight"),
        (Rule("l{s}.{b}.conv{c}.{leaf}", "s{s}.{c}.{b}.{leaf}"), "l1.2.conv3.running_var", "s1.3.2.running_var"),
        (Rule("stage_{s}.{leaf}", "stages.{s-1}.{leaf}"), "stage_1.bias", "stages.0.bias"),
        (Rule("detect{n+1}.{leaf}", "levels.{n}.{leaf}"), "detect3.weight", "levels.2.weight"),
        (Rule("layer{s}.{b}.{leaf}", "block{s}.block{s}-{b}.{leaf}"), "layer4.11.weight", "block4.block4-11.weight"),
        (BLOCKS, "layer2.1.num_batches_tracked", "features.3.num_batches_tracked"),
    ],
)
def test_a_rule_is_read_in_both_directions(rule: Rule, source: str, ours: str) -> None:
    assert rule.to_ours(source) == ours
    assert rule.to_source(ours) == source


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (Rule("a.{b}.{leaf}", "{b}.{leaf}"), "a.x.y.weight"),  # a field holds no dot
        (Rule("a.{b}.{leaf}", "{b}.{leaf}"), "a.x.momentum"),  # no weight of a layer
        (Rule("a.{b}.{leaf}", "{b}.{leaf}"), "xa.b.weight"),
        (Rule("a.{b}.{leaf}", "{b}.{leaf}"), "axb.weight"),  # a dot is a dot
        (Rule("stage_{s}.{leaf}", "stages.{s-1}.{leaf}"), "stage_x.weight"),  # no number
        (Rule("stage_{s}.{leaf}", "stages.{s-1}.{leaf}"), "stage_0.weight"),  # there is no -1
        (BLOCKS, "layer1.1.weight"),  # no such value
    ],
)
def test_what_a_rule_is_not_about(rule: Rule, name: str) -> None:
    assert rule.to_ours(name) is None


def test_both_places_of_a_field_must_be_the_same() -> None:
    rule = Rule("layer{s}.{b}.{leaf}", "block{s}.block{s}-{b}.{leaf}")
    assert rule.to_source("block1.block2-0.weight") is None


@pytest.mark.parametrize(
    ("source", "ours", "values"),
    [
        ("a.{b}", "a.{c}", {}),
        ("a.{b}", "a", {}),
        ("a.{b}", "{b}", {"c": {"1": "2"}}),
        ("a.{b}", "{b}", {"b": {"1": "2", "3": "2"}}),  # cannot be read back
    ],
)
def test_a_rule_that_cannot_be_read_back_is_refused(source: str, ours: str, values: dict[str, dict[str, str]]) -> None:
    with pytest.raises(ValueError, match=r"fields|same"):
        Rule(source, ours, values=values)


def _table(**more: object) -> Table:
    rules = (
        Rule("head.fc.{leaf}", "fc.{leaf}"),
        Rule("backbone.{rest*}", "{rest*}"),
        Rule("head.{rest*}", "x.{rest*}"),
    )
    return Table("mmcls", "Net", "Net", "classification", rules, ignored=("ema_{name*}", "head.loss.{leaf}"), **more)  # type: ignore[arg-type]


def test_the_first_rule_that_matches_counts_and_the_order_stays() -> None:
    names = ["head.fc.weight", "head.a", "other", "backbone.c.bias", "ema_backbone.c", "head.loss.weight"]
    assert list(_table().to_ours(names).items()) == [
        ("head.fc.weight", "fc.weight"),
        ("head.a", "x.a"),
        ("backbone.c.bias", "c.bias"),
    ]


def test_what_carries_nothing_is_known() -> None:
    table = _table()
    assert [name for name in ("ema_x.y", "head.loss.weight", "head.loss", "other") if table.ignores(name)] == [
        "ema_x.y",
        "head.loss.weight",
    ]
    assert table.rule_of("ema_x.y") is None


def test_the_rule_of_a_name() -> None:
    table = _table()
    assert table.rule_of("head.fc.bias") is table.rules[0]
    assert table.rule_of("nothing") is None


def test_what_a_form_lacks_stands_in_the_table() -> None:
    table = _table(fill=(("{b*}.norm.weight", 1.5), ("{b*}.weight", None)))
    assert table.fills(["a.norm.weight", "a.conv.weight", "a.bias"]) == {"a.norm.weight": 1.5, "a.conv.weight": None}


def test_tables_of_the_same_network_differ_in_family_or_form() -> None:
    tables = (*mmcls.TABLES, *mmdet.TABLES, *torchvision.TABLES, *torchvision.EARLY, *torchvision_detection.TABLES)
    assert len({(t.family, t.backbone, t.form) for t in tables}) == len(tables)


def test_tables_need_no_torch() -> None:
    modules = ["tables", *(f"families.{name}" for name in ("mmcls", "mmdet", "torchvision", "torchvision_detection"))]
    imports = ", ".join(f"MMEdu.weights.foreign.{name}" for name in modules)
    code = f"import sys, {imports}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
