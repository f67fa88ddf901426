"""Which network weights belong to: by complete lists of other projects, torchvision's own, ours, and by nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from MMEdu.models import registry
from MMEdu.weights.foreign import recognise as module
from MMEdu.weights.foreign.recognise import recognise, tables
from MMEdu.weights.foreign.shapes import empty
from MMEdu.weights.state_dict import wrapper_prefix

_FIXTURES = Path(__file__).parent / "fixtures"
LISTS = sorted(path.stem for path in _FIXTURES.glob("mm*_*.txt"))
DETECTORS = sorted(path.stem for path in _FIXTURES.glob("torchvision_*rcnn.txt"))

Given = dict[str, tuple[int, ...]]


def listed(name: str) -> Given:
    lines = (line.split(" ") for line in (_FIXTURES / f"{name}.txt").read_text(encoding="utf-8").splitlines())
    return {name: () if shape == "-" else tuple(map(int, shape.split("x"))) for name, shape in lines}


def built(backbone: str, task: str = "classification", classes: int = 4) -> Given:
    return {name: tuple(value.shape) for name, value in empty(backbone, task, classes).items()}


@pytest.mark.parametrize("name", LISTS)
def test_each_network_of_the_other_projects_is_the_likeliest_of_its_own_list(name: str) -> None:
    best = recognise(listed(name))[0]
    family, _, backbone = name.partition("_")
    form = best.table.form
    assert (best.table.family, f"{best.table.backbone.lower()}{'_' * bool(form)}{form}") == (family, backbone)
    assert best.exact
    assert best.num_classes == (80 if family == "mmdet" else 10 if backbone == "lenet" else 1000)


@pytest.mark.parametrize("name", DETECTORS)
def test_detectors_of_torchvision_have_rows_of_a_background_that_do_not_count(name: str) -> None:
    given = listed(name)
    best = recognise(given)[0]
    assert (best.table.family, best.table.backbone.lower()) == ("torchvision", name.partition("_")[2])
    assert best.exact
    assert best.num_classes == given["roi_heads.box_predictor.cls_score.bias"][0] - 1
    scalar = given | {"roi_heads.box_predictor.bbox_pred.bias": ()}
    assert recognise(scalar)[0].share < 1


@pytest.mark.parametrize("task", ["classification", "detection"])
def test_each_of_ours_is_the_likeliest_of_its_own_weights(task: str) -> None:
    for name in registry.names(task):
        best = recognise(built(name, task), task)[0]
        assert (best.table.backbone, best.exact, best.num_classes) == (name, True, 4), name


@pytest.mark.parametrize("name", ["efficientnet_b0", "densenet121", "vit_b_32", "squeezenet1_1"])
def test_other_classifiers_of_torchvision_are_found_by_their_own_name(name: str) -> None:
    best = recognise(built(name), "classification", first=name)[0]
    assert (best.table.family, best.table.backbone, best.exact, best.num_classes) == ("torchvision", name, True, 4)


def test_another_classifier_of_torchvision_is_named_though_nobody_asked_for_it() -> None:
    best = recognise(built("alexnet"), "classification", first="MobileNet")[0]
    assert (best.table.backbone, best.exact) == ("alexnet", True)


@pytest.mark.parametrize(
    ("name", "early"),
    [
        ("densenet121", {f".{part}{n}.": f".{part}.{n}." for part in ("norm", "conv") for n in (1, 2)}),
        ("vit_b_32", {".mlp.0.": ".mlp.linear_1.", ".mlp.3.": ".mlp.linear_2."}),
    ],
)
def test_early_names_of_torchvision(name: str, early: Mapping[str, str]) -> None:
    def older(weight: str) -> str:
        for new, old in early.items():
            if ".denselayer" in weight or ".mlp." in weight:
                weight = weight.replace(new, old)
        return weight

    ours = built(name)
    given = {older(weight): shape for weight, shape in ours.items()}
    assert given.keys() != ours.keys()
    best = recognise(given, first=name)[0]
    assert (best.table.backbone, best.table.form, best.exact) == (name, "early", True)
    assert set(best.table.to_ours(given).values()) == set(ours)
    assert best.table.to_source(best.table.to_ours(given).values()) == {
        n: o for o, n in best.table.to_ours(given).items()
    }


@pytest.mark.parametrize("prefix", ["module.", "model.", "module.model.", "_orig_mod."])
def test_what_wrappers_put_before_the_names_is_no_matter(prefix: str) -> None:
    best = recognise({prefix + name: shape for name, shape in listed("mmcls_resnet18").items()})[0]
    assert (best.table.backbone, best.exact, best.prefix) == ("ResNet18", True, prefix)


def test_a_prefix_stands_before_every_name() -> None:
    assert wrapper_prefix(["module.a", "module.b"]) == "module."
    assert wrapper_prefix(["module.a", "b"]) == ""
    assert wrapper_prefix([]) == ""


def test_a_head_of_any_size_fits() -> None:
    given = listed("mmcls_mobilenet") | {"head.fc.weight": (7, 1280), "head.fc.bias": (7,)}
    assert (recognise(given)[0].exact, recognise(given)[0].num_classes) == (True, 7)


def test_a_head_whose_parts_disagree_does_not() -> None:
    given = listed("mmcls_mobilenet") | {"head.fc.weight": (7, 1280), "head.fc.bias": (8,)}
    best = recognise(given)[0]
    assert best.share == pytest.approx(313 / 314)


@pytest.mark.parametrize("shape", [(7, 1281), (7,), (), (0, 1280)])
def test_a_head_of_another_network_does_not(shape: tuple[int, ...]) -> None:
    given = listed("mmcls_mobilenet") | {"head.fc.weight": shape}
    assert recognise(given)[0].share == pytest.approx(313 / 314)


def test_a_backbone_alone_covers_a_part() -> None:
    given = {name: shape for name, shape in listed("mmcls_mobilenet").items() if not name.startswith("head.")}
    best = recognise(given)[0]
    assert (best.table.backbone, best.share, best.num_classes, best.exact) == ("MobileNet", 1.0, None, False)
    assert best.covered == pytest.approx(260 / 262)


def test_files_of_old_torch_without_counters_are_recognised() -> None:
    given = {name: shape for name, shape in listed("mmcls_resnet50").items() if "num_batches" not in name}
    best = recognise(given)[0]
    assert (best.table.family, best.table.backbone, best.exact) == ("mmcls", "ResNet50", True)


def test_averaged_copies_do_not_count() -> None:
    given = listed("mmcls_resnet18")
    given |= {"ema_" + name.replace(".", "_"): shape for name, shape in given.items()}
    assert recognise(given)[0].share == 1.0


def test_only_networks_of_the_task() -> None:
    found = recognise(listed("mmdet_fasterrcnn"), "classification")
    assert {match.table.task for match in found} == {"classification"}
    assert (found[0].table.backbone, found[0].num_classes) == ("ResNet50", None)
    assert not found[0].exact


@pytest.mark.parametrize("given", [{}, {"x.weight": (3, 3)}, {"backbone.patch.weight": (3, 3)}])
def test_nothing_is_recognised_of_anything_else(given: Given) -> None:
    assert recognise(given) == []


def test_a_network_of_our_names_and_other_shapes_is_none_of_ours() -> None:
    given = {name: (*shape[:-1], shape[-1] + 1) if shape else shape for name, shape in built("VGG").items()}
    assert [match for match in recognise(given, "detection") if match.share > 0] == []


def test_where_it_is_what_it_should_be_no_other_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    before = module.shapes
    monkeypatch.setattr(module, "shapes", lambda *names: looked.append(names) or before(*names))
    assert [m.table.backbone for m in recognise(listed("mmcls_resnet18"), first="ResNet18")] == ["ResNet18"]
    assert set(looked) == {("ResNet18", "classification")}


def test_every_network_of_ours_has_a_table() -> None:
    told = {(table.task, table.backbone) for table in tables()}
    assert {(t, n) for t in ("classification", "detection") for n in registry.names(t)} <= told
