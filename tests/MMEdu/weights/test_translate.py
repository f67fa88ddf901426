"""Files of other projects through all that takes a checkpoint: what fits, what is said, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from BaseDT.errors import CheckpointInvalid, ClassCountMismatch, TaskMismatch
from MMEdu import MMClassification
from MMEdu.info import read_meta
from MMEdu.models import registry
from MMEdu.models.stages import freeze_stages
from MMEdu.tasks.classification.frozen_backbone import freeze_backbone
from MMEdu.weights import loading
from MMEdu.weights.foreign.reading import ForeignFile
from MMEdu.weights.foreign.translate import open_foreign
from MMEdu.weights.initial_weights import InitialWeights
from MMEdu.weights.loaded_model import load_model
from MMEdu.weights.opening import open_weights, read_file

FIXTURES = Path(__file__).parent / "fixtures"
DIGITS = tuple(f"digit {n}" for n in range(10))


def weights(name: str, *, empty: bool = False) -> dict[str, torch.Tensor]:
    """Weights by the names and shapes of a source, random or whatever is in memory."""
    torch.manual_seed(0)
    state = {}
    for line in (FIXTURES / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        key, _, shape = line.partition(" ")
        sides = [int(side) for side in shape.split("x")] if shape != "-" else []
        state[key] = torch.empty(sides) if empty else torch.rand(sides) * 0.1
    return state


def entry(name: str):
    return registry.find(name, "detection" if name in registry.names("detection") else "classification")


def written(folder: Path, state, meta=None, name: str = "别 人.pth") -> Path:
    torch.save({"state_dict": state, "meta": meta} if meta is not None else state, folder / name)
    return folder / name


def head_of(network: torch.nn.Module) -> torch.Tensor:
    return network.state_dict()["classifier.2.weight"]


@pytest.fixture
def lenet(tmp_path) -> Path:
    return written(tmp_path, weights("mmcls_lenet"), {"CLASSES": DIGITS, "score": np.float64(1)})


# Whole, for answers


@pytest.mark.parametrize("meta", [{"CLASSES": DIGITS}, {"dataset_meta": {"classes": DIGITS}}])
def test_a_file_of_openmmlab_answers_with_its_classes_and_its_input(tmp_path, meta):
    state = weights("mmcls_lenet")
    loaded = load_model(entry("LeNet"), written(tmp_path, state, meta), "cpu")
    assert loaded.classes == DIGITS
    assert (loaded.preprocess.size, loaded.preprocess.color) == ((32, 32), "gray")
    assert torch.equal(head_of(loaded.model), state["backbone.classifier.2.weight"])
    assert not loaded.model.training


def test_inference_of_a_file_of_openmmlab(lenet, trained):
    model = MMClassification("LeNet")
    answer = model.inference(image=trained.cat, checkpoint=lenet, show=False)
    assert answer["pred_class"] in DIGITS


def test_safetensors_with_names_answer_too(tmp_path, trained):
    file = tmp_path / "plain.safetensors"
    network = entry("LeNet").build(2)
    save_file(network.state_dict(), file, metadata={"classes": '["猫", "狗"]'})
    assert MMClassification("LeNet").inference(image=trained.cat, checkpoint=file, show=False)["pred_class"] in "猫狗"


def test_without_names_class_path_gives_them(tmp_path, trained, refused):
    file = written(tmp_path, entry("LeNet").build(2).state_dict())
    model = MMClassification("LeNet")
    with refused(CheckpointInvalid, "does not name its 2 classes", "class_path"):
        model.inference(image=trained.cat, checkpoint=file, show=False)
    for number, names in enumerate((["a", "b"], ["c", "d"])):
        (tmp_path / f"{number}.txt").write_text("\n".join(names), encoding="utf-8")
        answer = model.inference(image=trained.cat, checkpoint=file, show=False, class_path=tmp_path / f"{number}.txt")
        assert answer["pred_class"] in names
    with refused(CheckpointInvalid, "does not name"):  # what was loaded with names is no answer without
        model.inference(image=trained.cat, checkpoint=file, show=False)
    (tmp_path / "3.txt").write_text("a\nb\nc", encoding="utf-8")
    with refused(ClassCountMismatch, "3", "2"):
        model.inference(image=trained.cat, checkpoint=file, show=False, class_path=tmp_path / "3.txt")


def test_names_of_another_set_are_not_believed(tmp_path, refused):
    file = written(tmp_path, weights("mmcls_lenet"), {"CLASSES": ["a", "b"]})
    with refused(CheckpointInvalid, "names 2 classes, but its head has 10", "class_path"):
        load_model(entry("LeNet"), file, "cpu")
    assert load_model(entry("LeNet"), file, "cpu", names=DIGITS).classes == DIGITS


def test_half_a_network_gives_no_answers(tmp_path, refused):
    state = weights("mmcls_resnet18")
    for name in [name for name in state if name.startswith("backbone.layer4")][:3]:
        del state[name]
    file = written(tmp_path, state, {"CLASSES": [f"c{n}" for n in range(len(list(state.values())[-1]))]})
    with refused(CheckpointInvalid, "ResNet18", "3 weights are missing"):
        load_model(entry("ResNet18"), file, "cpu")


def test_weights_without_a_place_give_no_answers(tmp_path, refused):
    file = written(tmp_path, {**weights("mmcls_lenet"), "more.weight": torch.ones(1)}, {"CLASSES": DIGITS})
    with refused(CheckpointInvalid, "1 unknown", "more.weight"):
        load_model(entry("LeNet"), file, "cpu")


def test_weights_in_half_precision_answer_in_the_networks_own(tmp_path):
    file = written(tmp_path, {n: v.half() for n, v in weights("mmcls_lenet").items()}, {"CLASSES": DIGITS})
    assert head_of(load_model(entry("LeNet"), file, "cpu").model).dtype == torch.float32


@pytest.mark.parametrize(
    ("asked", "fixture", "form"),
    [("Yolov3", "mmdet_yolov3_mobilenet", "Yolov3_MobileNet"), ("RegNet", "mmcls_regnet_384", "RegNet_384")],
)
def test_the_form_is_told_from_the_weights(tmp_path, asked, fixture, form):
    found = read_file(written(tmp_path, weights(fixture)))
    count = open_foreign(found, entry(form)).num_classes
    loaded = load_model(entry(asked), found.path, "cpu", names=[str(n) for n in range(count)])
    assert loaded.entry.name == form
    with pytest.raises(CheckpointInvalid, match=asked) as caught:  # a training builds what it was asked for
        open_foreign(found, entry(asked))
    assert form in caught.value.hint


def test_loading_for_answers_draws_no_weights(lenet):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    load_model(entry("LeNet"), lenet, "cpu")
    assert torch.equal(torch.rand(1), expected)
    for name in ("ResNet18", "RepVGG", "Yolov3_MobileNet", "swin_t"):
        drawn, undrawn = entry(name).build(3).state_dict(), loading.build_undrawn(entry(name), 3).state_dict()
        assert {n: (v.shape, v.dtype) for n, v in drawn.items()} == {n: (v.shape, v.dtype) for n, v in undrawn.items()}
    assert not entry("LeNet").build(2).state_dict()["features.0.weight"].isnan().any()


# Of another network


@pytest.mark.parametrize(
    ("fixture", "asked", "right"),
    [
        ("mmcls_resnet50", "ResNet18", "ResNet50"),
        ("mmcls_resnet50", "ResNeXt", "ResNet50"),
        ("mmcls_resnet18", "LeNet", "ResNet18"),
        ("mmcls_vgg", "VGG_BN", "VGG"),
        ("mmcls_mobilenet", "ShuffleNet_v2", "MobileNet"),
        ("mmdet_ssd_lite", "Yolov3_MobileNet", "SSD_Lite"),
        ("mmdet_mask_rcnn", "FasterRCNN", "Mask_RCNN"),
        ("mmdet_yolov3", "LeNet", "Yolov3"),
    ],
)
def test_a_file_of_another_network_names_the_likely_one(fixture, asked, right, refused):
    found = ForeignFile(Path("别 人.pth"), weights(fixture, empty=True))
    with refused(CheckpointInvalid, "别 人.pth", f"the model is a {asked}", f"({right!r})"):
        open_foreign(found, entry(asked))


@pytest.mark.parametrize(
    ("held", "asked", "right"),
    [
        ("resnet34", "ResNet18", "resnet34"),
        ("resnet101", "ResNet50", "resnet101"),
        ("resnet152", "resnet101", "resnet152"),
        ("resnet18", "resnet34", "ResNet18"),
    ],
)
def test_another_depth_is_another_network(held, asked, right, refused):
    found = ForeignFile(Path("别 人.pth"), weights(f"mmcls_{held}", empty=True))
    with refused(CheckpointInvalid, f"the model is a {asked}", f"MMClassification({right!r})"):
        open_foreign(found, entry(asked))
    assert open_foreign(found, entry(right)).entry.name == right


def wide() -> dict[str, torch.Tensor]:
    """mmcls has no table of it: twice as wide inside, as deep as a ResNet-50."""
    state = entry("wide_resnet50_2").build(4).state_dict()
    return {("head." if name.startswith("fc.") else "backbone.") + name: value for name, value in state.items()}


def deeper_detector() -> dict[str, torch.Tensor]:
    deep = weights("mmcls_resnet101", empty=True)
    backbone = {name: value for name, value in deep.items() if name.startswith("backbone.")}
    return weights("mmdet_fasterrcnn", empty=True) | backbone


@pytest.mark.parametrize(
    ("state", "asked", "near"),
    [
        pytest.param(wide, "ResNet50", "mmcls's ResNe", marks=pytest.mark.full),
        (wide, "ResNeXt", "mmcls's ResNeXt-50"),
        (deeper_detector, "FasterRCNN", "mmdet's Faster R-CNN R50-FPN"),
    ],
)
def test_what_resembles_a_network_is_none_and_no_model_is_advised(tmp_path, state, asked, near, refused):
    file = written(tmp_path, state(), {"config": "model = dict(backbone=dict(depth=101))"})
    with refused(CheckpointInvalid, "resembles", "depth 101", near) as caught:
        open_weights(file, entry(asked))
    assert "Write" not in caught.value.hint
    assert "backbone" not in read_meta(file)


def test_a_backbone_with_a_head_of_another_kind_starts(tmp_path):
    state = {name: value for name, value in weights("mmcls_resnet18").items() if not name.startswith("head.")}
    more = {f"head.layers.{n}.weight": torch.ones(3, 3) for n in range(20)}
    _, _, lines = start("ResNet18", written(tmp_path, state | more), ("a", "b"))
    assert "20 weights of the file have no place here" in lines[-1]


def test_a_file_of_nobody_names_its_weights(tmp_path, refused):
    found = read_file(written(tmp_path, {"strange.a": torch.ones(3), "strange.b": torch.ones(3)}))
    with refused(CheckpointInvalid, "strange.a", "OpenMMLab"):
        open_foreign(found, entry("ResNet18"))


def test_ours_of_another_task_is_named_as_before(trained, refused):
    with refused(TaskMismatch):
        open_weights(trained.checkpoint, entry("SSD_Lite"))


# As far as it fits, for training


def start(name: str, file: Path, classes):
    torch.manual_seed(1)
    network = entry(name).build(len(classes))
    before = {key: value.clone() for key, value in network.state_dict().items()}
    return network.state_dict(), before, InitialWeights(file).load(network, entry(name), classes)


def test_the_same_classes_take_everything_over_and_one_line_says_from_where(lenet):
    after, before, lines = start("LeNet", lenet, DIGITS)
    assert len(lines) == 1
    assert "mmcls LeNet5" in lines[0]
    assert all(not torch.equal(after[name], before[name]) for name in after)


def test_classes_are_kept_by_name(lenet):
    given = load_model(entry("LeNet"), lenet, "cpu").model.state_dict()["classifier.2.weight"]
    after, before, lines = start("LeNet", lenet, ("cat", "digit 7", "digit 0"))
    rows = after["classifier.2.weight"]
    assert torch.equal(rows[1], given[7])
    assert torch.equal(rows[2], given[0])
    assert torch.equal(rows[0], before["classifier.2.weight"][0])
    assert "keeps 2 classes (digit 7, digit 0), 8 are left out; new: cat" in lines[1]


def test_a_file_without_names_says_that_its_head_is_not_used(tmp_path):
    after, before, lines = start("LeNet", written(tmp_path, weights("mmcls_lenet")), DIGITS)
    assert "10 classes without names: 2 weights stay fresh" in lines[1]
    assert torch.equal(after["classifier.2.weight"], before["classifier.2.weight"])
    assert not torch.equal(after["features.0.weight"], before["features.0.weight"])


def test_what_is_missing_and_what_is_too_many_is_counted_and_named(tmp_path):
    state = {**weights("mmcls_resnet18"), "more.weight": torch.ones(1)}
    del state["backbone.layer4.1.conv2.weight"]
    _, _, lines = start("ResNet18", written(tmp_path, state), ("a", "b"))
    assert "1 weights of the file have no place here (more.weight)" in lines[-2]
    assert "1 weights are not in the file and start fresh (layer4.1.conv2.weight)" in lines[-1]


def test_less_than_nearly_all_of_a_network_is_an_error(tmp_path, refused):
    state = {name: value for name, value in weights("mmcls_resnet18").items() if "layer" not in name}
    with refused(CheckpointInvalid, "does not fit ResNet18"):
        start("ResNet18", written(tmp_path, state), ("a", "b"))


@pytest.mark.parametrize(("classifier", "detector"), [("ResNet50", "FasterRCNN"), ("MobileNet", "SSD_Lite")])
def test_a_classifier_is_a_detectors_backbone(tmp_path, classifier, detector, refused):
    file = written(tmp_path, entry(classifier).build(5).state_dict())
    after, before, lines = start(detector, file, ("a", "b"))
    backbone = [n for n in after if n.startswith("backbone.") and n.endswith("conv1.weight")]
    assert all(not torch.equal(after[n], before[n]) for n in backbone)
    assert "no head for this model" in lines[1]
    with refused(CheckpointInvalid, "without a head", "checkpoint="):
        load_model(entry(detector), file, "cpu")


def test_a_backbone_says_nothing_of_predictions_that_no_detector_makes_with_it(tmp_path):
    meta = {"config": "model = dict(backbone=dict(style='caffe'))"}
    _, _, lines = start("FasterRCNN", written(tmp_path, weights("mmcls_resnet50"), meta), ("a", "b"))
    assert "no head for this model" in lines[1]


def test_a_fused_file_says_what_training_does_to_it(tmp_path):
    _, _, lines = start("RepVGG", written(tmp_path, weights("mmcls_repvgg_deploy")), ("a", "b"))
    assert "branches are fused" in lines[1]


def test_a_network_that_asks_for_versions_of_its_layers_starts_too(tmp_path):
    """torchvision's MNASNet takes no weights without them."""
    file = written(tmp_path, dict(entry("mnasnet0_5").build(2).state_dict()))
    after, _, _ = start("mnasnet0_5", file, ("a", "b"))
    assert torch.equal(after["layers.0.weight"], torch.load(file, weights_only=True)["layers.0.weight"])


def test_a_file_that_computes_otherwise_is_a_start_and_says_so(tmp_path):
    meta = {"config": "model = dict(backbone=dict(style='caffe'))"}
    _, _, lines = start("ResNet18", written(tmp_path, weights("mmcls_resnet18"), meta), ("a", "b"))
    assert "computes otherwise (backbone.style)" in lines[1]


def test_names_of_another_set_are_counted_when_a_training_starts(tmp_path):
    _, _, lines = start("LeNet", written(tmp_path, weights("mmcls_lenet"), {"CLASSES": ["a", "b"]}), DIGITS)
    assert "10 classes, but names 2: 2 weights stay fresh" in lines[1]


def test_of_a_head_with_boxes_the_rows_of_the_classes_alone_start_fresh(tmp_path):
    file = written(tmp_path, entry("Yolov3_MobileNet").build(3).state_dict(), {"CLASSES": ["x", "y", "z"]})
    after, before, lines = start("Yolov3_MobileNet", file, ("a", "b"))
    assert "the rows of the classes start fresh, those of boxes and objectness are taken over" in lines[1]
    rows = [state["predictors.0.weight"].reshape(3, 7, -1) for state in (after, before)]
    assert torch.equal(rows[0][:, 5:], rows[1][:, 5:])
    assert not torch.equal(rows[0][:, :5], rows[1][:, :5])


@pytest.mark.parametrize("missing", ["layer1.0.conv1.weight", "layer1.0.bn1.running_mean"])
@pytest.mark.parametrize("freeze", ["backbone", 1])
def test_what_stays_frozen_must_be_in_the_file(tmp_path, freeze, missing, refused):
    state = weights("mmcls_resnet18")
    del state["backbone." + missing]
    file = written(tmp_path, state)
    network = entry("ResNet18").build(2)
    frozen = freeze_backbone(network) if freeze == "backbone" else freeze_stages(network, freeze)
    with refused(CheckpointInvalid, "lacks 1 weights of the part that is to be frozen", missing):
        InitialWeights(file).load(frozen, entry("ResNet18"), ("a", "b"))
    learning = entry("ResNet18").build(2)
    assert missing in InitialWeights(file).load(learning, entry("ResNet18"), ("a", "b"))[-1]


def test_what_is_missing_behind_the_frozen_stages_may_be_missing(tmp_path):
    state = weights("mmcls_resnet18")
    del state["backbone.layer4.1.conv2.weight"]
    network = freeze_stages(entry("ResNet18").build(2), 2)
    assert "layer4.1" in InitialWeights(written(tmp_path, state)).load(network, entry("ResNet18"), ("a", "b"))[-1]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_no_numbers_are_named(tmp_path, value, refused):
    state = weights("mmcls_lenet")
    state["backbone.features.0.weight"][1] = value
    file = written(tmp_path, state, {"CLASSES": DIGITS})
    with refused(CheckpointInvalid, "1 weights hold NaN or infinity", "features.0.weight"):
        load_model(entry("LeNet"), file, "cpu")
    with refused(CheckpointInvalid, "features.0.weight"):
        start("LeNet", file, DIGITS)


def test_large_numbers_are_numbers(tmp_path):
    state = weights("mmcls_lenet")
    state["backbone.features.0.weight"][:] = 3e38
    assert start("LeNet", written(tmp_path, state, {"CLASSES": DIGITS}), DIGITS)[2]


@pytest.mark.parametrize("leaf", ["weight", "bias"])
def test_a_head_without_dimensions_belongs_to_no_class(tmp_path, leaf):
    state = weights("mmcls_resnet18") | {f"head.fc.{leaf}": torch.tensor(1.0)}
    after, before, _ = start("ResNet18", written(tmp_path, state), ("a", "b"))
    assert torch.equal(after[f"fc.{leaf}"], before[f"fc.{leaf}"])


def test_loading_does_not_replace_what_an_optimizer_holds(lenet):
    network = entry("LeNet").build(3)
    held = list(network.parameters())
    InitialWeights(lenet).load(network, entry("LeNet"), ("a", "b", "c"))
    assert all(one is other for one, other in zip(held, network.parameters(), strict=True))


def test_lines_name_the_first_of_many():
    assert loading.listed(["a", "b"]) == "a, b"
    assert loading.listed(list("abcdef")) == "a, b, c, d, ..."


# pth_info


def test_pth_info_tells_a_file_of_another_project_by_its_weights(lenet):
    meta = read_meta(lenet)
    assert list(meta)[:2] == ["tool", "backbone"]
    assert (meta["tool"], meta["backbone"], meta["task"]) == ("mmcls (LeNet5)", "LeNet", "classification")
    assert (meta["CLASSES"], meta["num_classes"], meta["score"]) == (list(DIGITS), 10, 1.0)


def test_pth_info_leaves_out_what_nobody_reads(tmp_path):
    meta = {"config": "x" * 5000, "epoch": 3, "env": {1: {2}}}
    told = read_meta(written(tmp_path, weights("mmcls_lenet"), meta))
    assert not {"config", "env"} & told.keys()
    assert told["epoch"] == 3
    assert read_meta(written(tmp_path, {"strange": torch.ones(1)}))["weights"] == 1
