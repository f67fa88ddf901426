"""A file of weights whose classes nothing names: where they get names, and where it is refused with a way out."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from BaseDT.errors import CheckpointInvalid, ClassCountMismatch, ParameterInvalid
from MMEdu import MMClassification
from MMEdu.engine.events import Notice
from MMEdu.models import registry
from XEdu.runtime.model import Model

NAMES = ("汪", "喵")


@pytest.fixture
def plain(workplace) -> Path:
    """A state_dict of a LeNet for two classes, and nothing else."""
    torch.manual_seed(1)
    file = workplace / "权 重.pth"
    torch.save(registry.find("LeNet", "classification").build(2).state_dict(), file)
    return file


@pytest.fixture
def names(workplace) -> Path:
    file = workplace / "名 字.txt"
    file.write_text("\n".join(NAMES), encoding="utf-8")
    return file


@pytest.fixture
def model(plain):
    """A model that keeps what it says in ``said``."""
    made = MMClassification("LeNet")
    made.checkpoint = plain
    made._said = said = []
    made.listener = lambda event: said.append(event.text) if isinstance(event, Notice) else None
    return made


def told(model) -> list[str]:
    return [text for text in model._said if "does not name its 2 classes" in text]


def test_features_need_no_names_and_nothing_is_said_of_them(model, trained):
    assert model.embed(trained.cat).shape[0] == 1
    assert told(model) == []


def test_without_a_data_set_they_are_numbers_and_this_is_said_once(model, trained):
    for label in (0, 1):
        assert model.explain(trained.cat, label, show=False).result.name == str(label)
    assert model.feature_map([trained.cat, trained.dog], show=False).classes == ("0", "1")
    (line,) = told(model)
    assert "class_path=" in line
    assert "--classes" in line


def test_the_loaded_data_set_names_them_where_the_count_fits(model, trained, make_imagenet, tmp_path):
    model.load_dataset(trained.dataset, check=False)
    assert model.explain(trained.cat, 1, show=False).result.name == "猫"
    assert model.feature_map([trained.cat, trained.dog], show=False).classes == ("狗", "猫")
    assert len(told(model)) == 1
    model.load_dataset(make_imagenet(tmp_path / "三 类", ("a", "b", "c"), train=1), check=False)
    assert model.feature_map([trained.cat, trained.dog], show=False).classes == ("0", "1")


def test_the_map_of_a_data_set_has_its_names_and_says_nothing(model, trained):
    assert model.feature_map(trained.dataset, show=False).classes == ("狗", "猫")
    assert told(model) == []


def test_class_path_names_them_everywhere(model, trained, names):
    model.load_dataset(trained.dataset, check=False)
    pictures = [trained.cat, trained.dog]
    assert model.explain(trained.cat, 0, show=False, class_path=names).result.name == "汪"
    assert model.feature_map(pictures, show=False, class_path=names).classes == NAMES
    assert told(model) == []


def test_what_was_loaded_with_names_keeps_them(model, trained, names):
    model.load_checkpoint(class_path=names)
    assert model.fast_inference(trained.cat, show=False)["pred_class"] in NAMES
    model.embed(trained.cat)
    assert model.explain(trained.cat, 1, show=False).result.name == "喵"
    assert model.feature_map([trained.cat, trained.dog], show=False).classes == NAMES
    assert model.fast_inference(trained.cat, show=False)["pred_class"] in NAMES
    assert told(model) == []


def test_a_file_with_names_keeps_its_own(model, trained, names):
    model.inference(image=trained.cat, checkpoint=trained.checkpoint, show=False, class_path=names)
    assert model.explain(trained.cat, 1, trained.checkpoint, show=False).result.name == "猫"
    assert model.feature_map([trained.cat], trained.checkpoint, show=False).classes == ("狗", "猫")
    assert told(model) == []


def test_stand_ins_are_no_answer_to_inference(model, trained, refused):
    model.embed(trained.cat)
    with refused(CheckpointInvalid, "does not name its 2 classes", "class_path", "--classes"):
        model.inference(image=trained.cat, show=False)
    with refused(CheckpointInvalid, "does not name its 2 classes"):
        model.load_checkpoint()


def test_int8_takes_names_for_weights_but_not_for_onnx(model, trained, names, refused):
    model.load_dataset(trained.dataset, check=False)
    with refused(CheckpointInvalid, "class_path"):
        model.quantize(out_file="没 有")
    file = model.quantize(out_file="小", max_drop=100, class_path=trained.dataset)
    info = Model.load(file).info
    assert info is not None
    assert info.classes == ("狗", "猫")
    with refused(ParameterInvalid, "class_path", "小.onnx"):
        model.quantize("小.onnx", class_path=names)


@pytest.mark.parametrize("call", ["load_checkpoint", "explain", "feature_map", "quantize"])
def test_names_that_do_not_fit_are_refused(model, trained, workplace, call, refused):
    (workplace / "三.txt").write_text("a\nb\nc", encoding="utf-8")
    given = {"explain": {"image": trained.cat}, "feature_map": {"path": [trained.cat]}}
    more = {"quantize": {"dataset_path": trained.dataset}, **given}.get(call, {})
    with refused(ClassCountMismatch, "3", "2"):
        getattr(model, call)(**more, class_path="三.txt")
    assert sorted(path.name for path in workplace.iterdir()) == ["三.txt", "权 重.pth"]


def test_a_detector_is_loaded_with_names(detector, workplace):
    from MMEdu import MMDetection

    (workplace / "a.txt").write_text("甲\n乙", encoding="utf-8")
    model = MMDetection("SSD_Lite")
    model.load_checkpoint(detector.checkpoint, thr=0.0, class_path="a.txt")
    assert {found["预测结果"] for found in model.fast_inference(detector.picture, show=False)} <= {"甲", "乙"}
