"""``explain``: where the model looks, as a heat map over the picture."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from BaseDT.errors import CheckpointNotFound, DeviceUnavailable, ImageNotFound, ImageTypeUnsupported, ParameterInvalid
from MMEdu import MMClassification as cls

pytestmark = pytest.mark.usefixtures("workplace")


@pytest.fixture
def model(trained):
    model = cls("LeNet")
    model.checkpoint = trained.checkpoint
    return model


def written():
    return sorted(path.name for path in Path("cls_result").iterdir())


def test_it_explains_the_class_that_inference_finds(model, trained):
    found = model.inference(image=trained.cat, show=False)
    result = model.explain(trained.cat, show=False).result
    assert (result.label, result.name) == (found["pred_label"], found["pred_class"])
    assert result.score == pytest.approx(found["pred_score"], abs=1e-5)


def test_the_heat_is_a_map_from_0_to_1(model, trained):
    heat = model.explain(trained.cat, show=False).heat
    assert heat.ndim == 2
    assert heat.dtype == np.float32
    assert heat.min() >= 0.0
    assert heat.max() == pytest.approx(1.0)


def test_it_is_drawn_beside_the_results_under_a_name_of_its_own(model, trained):
    explanation = model.explain(trained.cat)
    name = f"{trained.cat.stem}_explain{trained.cat.suffix}"
    assert explanation.file == Path("cls_result") / name
    assert written() == [name]
    drawn = cv2.imdecode(np.fromfile(explanation.file, np.uint8), cv2.IMREAD_COLOR)
    assert (drawn == explanation.picture).all()
    assert (drawn.std(axis=2) > 1).any(), "the map has colours, also over a gray picture"


def test_a_result_of_inference_stays_beside_it(model, trained):
    model.inference(image=trained.cat)
    model.explain(trained.cat)
    assert len(written()) == 2


def test_without_show_nothing_is_written(model, trained, workplace):
    assert model.explain(trained.cat, show=False).file is None
    assert not list(workplace.iterdir())


def test_below_a_notebooks_cell_it_is_one_line(model, trained):
    made = model.explain(trained.cat, show=False)
    assert repr(made) == f"Explanation('猫', score={made.result.score:.4f})"


def test_another_folder(model, trained):
    model.explain(trained.cat, save_fold="为 什么")
    assert len(list(Path("为 什么").iterdir())) == 1


@pytest.mark.parametrize("label", [0, 1])
def test_any_class_can_be_explained(model, trained, label):
    result = model.explain(trained.cat, label=label, show=False).result
    assert result.label == label
    assert result.name == ("狗", "猫")[label]


def test_what_speaks_for_one_of_two_classes_does_not_speak_for_the_other(model, trained):
    heats = [model.explain(trained.cat, label=label, show=False).heat for label in (0, 1)]
    assert not np.allclose(*heats)


@pytest.mark.parametrize("label", [2, -1, "猫", 0.0, True, [0]])
def test_a_class_that_there_is_not_is_refused_with_those_there_are(model, trained, label, refused):
    with refused(ParameterInvalid) as caught:
        model.explain(trained.cat, label=label)
    assert "0" in caught.value.hint
    assert "1" in caught.value.hint


def test_pictures_of_every_kind(model, trained):
    array = cv2.imdecode(np.fromfile(trained.cat, np.uint8), cv2.IMREAD_UNCHANGED)
    by_path = model.explain(trained.cat, show=False).heat
    assert (model.explain(array, show=False).heat == by_path).all()
    assert (model.explain(cv2.cvtColor(array, cv2.COLOR_GRAY2BGR), show=False).heat == by_path).all()
    assert (model.explain(str(trained.cat), show=False).heat == by_path).all()


def test_it_leaves_fast_inference_as_it_is(model, trained):
    model.load_checkpoint()
    before = model.fast_inference(trained.cat, show=False)
    model.explain(trained.cat)
    assert model.fast_inference(trained.cat, show=False) == before


def test_one_picture_at_a_time(model, trained, refused):
    for several in ([trained.cat, trained.dog], trained.cat.parent):
        with refused(ImageTypeUnsupported):
            model.explain(several)


def test_it_needs_weights_a_device_and_a_picture(model, trained, refused):
    with refused(CheckpointNotFound):
        cls("LeNet").explain(trained.cat)
    with refused(DeviceUnavailable):
        model.explain(trained.cat, device="tpu")
    with refused(ImageNotFound):
        model.explain("没有.png")
    with refused(ImageTypeUnsupported):
        model.explain(None)


def test_the_users_own_picture_stays(model, trained, workplace):
    shutil.copy(trained.cat, workplace / "图.png")
    before = Path("图.png").read_bytes()
    model.explain("图.png", save_fold=".")
    assert Path("图.png").read_bytes() == before
