"""A segmenter's raw output becomes a mask of its picture, words and a drawing; what fits no segmenter is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

import BaseDeploy
import models_on_disk as models
from BaseDT import image
from BaseDT.errors import CheckpointInvalid, ModelUnsupported, ParameterInvalid
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from BaseDT.results import SegmentationResult
from XEdu import live
from XEdu.hub import Workflow
from XEdu.outputs.kind import OutputBatch, Placement
from XEdu.outputs.parts.label_maps import label_map, largest, probabilities
from XEdu.outputs.segmentation import KIND, options
from XEdu.runtime.model import Model

NAMES = ("背景", "猫", "person")


def info_of(preprocess: Preprocess | None = None, classes=NAMES, **chosen) -> ModelInfo:
    return ModelInfo("segmentation", "UNet", classes, preprocess, "segmentation", options(**chosen))


def decoded(logits: np.ndarray, info: ModelInfo | None = None, placement=None, threshold=0.0) -> SegmentationResult:
    batch = OutputBatch([logits], ["logits"], [placement or Placement.of_input()])
    (result,) = KIND.decode(batch, info or info_of(), threshold)
    return result


def noise(classes: int = 3, size: tuple[int, int] = (16, 16), seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    smooth = cv2.resize(rng.normal(0, 3, (4, 4, classes)).astype(np.float32), size[::-1]).reshape(*size, classes)
    return np.ascontiguousarray(smooth.transpose(2, 0, 1))[None]


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits.astype(np.float64))
    return powers / powers.sum(axis=0)


def test_the_largest_is_that_of_argmax():
    values = noise(21)[0]
    values[3] = values[2]  # of equal ones the first
    best, labels = largest(values, range(21))
    assert (labels == values.argmax(axis=0)).all()
    assert (best == values.max(axis=0)).all()


def test_probabilities_are_those_of_softmax_also_of_large_values():
    logits = noise()[0] + 500
    assert probabilities(logits) == pytest.approx(softmax(noise()[0]), abs=1e-4)
    ends = probabilities(np.float32([[[-1e4, 0, 1e4]]]))
    assert ends[1, 0] == pytest.approx([0, 0.5, 1])


@pytest.mark.parametrize("resize", ["stretch", "letterbox", "short_side"])
@pytest.mark.parametrize("size", [(64, 64), (37, 91), (120, 40)])
def test_the_class_of_a_pixel_is_the_largest_of_probabilities_laid_over_the_picture(resize, size):
    preprocess = Preprocess(size=(32, 32), resize=resize)
    logits = noise()
    placement = preprocess.placement(size)
    result = decoded(logits, info_of(preprocess), Placement(lambda boxes: boxes, size, placement))
    laid = np.stack(
        [
            placement.map_to_picture(plane.astype(np.float32), (32, 32), -1, cv2.INTER_LINEAR)
            for plane in softmax(logits[0])
        ]
    )
    expected = np.where(laid[0] < 0, 255, laid.argmax(axis=0))
    assert (result.mask == expected).mean() > 0.999
    for label in range(3):
        if (expected == label).any():
            assert result.scores[label] == pytest.approx(laid.max(axis=0)[expected == label].mean(), abs=1e-3)
    assert (result.mask == 255).any() == (resize == "short_side" and size != (64, 64))


def test_of_a_finished_tensor_it_stays_in_the_input():
    assert decoded(noise()).mask.shape == (16, 16)
    assert decoded(noise(), info_of(Preprocess(size=(64, 32)))).mask.shape == (64, 32)


def test_a_picture_of_one_pixel():
    preprocess = Preprocess(size=(32, 32))
    placement = Placement(lambda boxes: boxes, (1, 1), preprocess.placement((1, 1)))
    assert decoded(noise(), info_of(preprocess), placement).mask.shape == (1, 1)


def test_pixels_that_are_less_sure_have_no_class():
    result = decoded(noise(), threshold=0.8)
    sure = softmax(noise()[0]).max(axis=0) >= 0.8
    assert ((result.mask != 255) == sure).all()
    assert sure.any()
    assert not sure.all()


def test_probabilities_are_taken_as_they_are():
    values = softmax(noise()[0]).astype(np.float32)[None]
    assert (decoded(values, info_of(outputs="probabilities")).mask == decoded(noise()).mask).all()


def test_of_two_classes_the_second_may_stand_alone():
    logits = noise(1)
    expected = (logits[0, 0] > 0).astype(np.uint8)
    two = ("background", "person")
    assert (decoded(logits, info_of(classes=two)).mask == expected).all()
    shares = (1 / (1 + np.exp(-logits))).astype(np.float32)
    result = decoded(shares, info_of(classes=two, outputs="probabilities"))
    assert (result.mask == expected).all()
    assert result.scores[1] == pytest.approx(shares[0, 0][expected == 1].mean(), abs=1e-4)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (noise(4), "(1, 3, h, w)"),
        (noise(1), "(1, 1, 16, 16)"),
        (noise()[0, 0], "(16, 16)"),
        (np.concatenate([noise(), noise()]), "(2, 3, 16, 16)"),
        (noise()[..., :0], "(1, 3, 16, 0)"),
        (noise() * np.float32("nan"), "NaN"),
        (noise() * np.float32("inf"), "NaN"),
    ],
)
def test_outputs_of_no_segmenter(output: np.ndarray, words: str, refused):
    with np.errstate(invalid="ignore"), refused(CheckpointInvalid, words):
        decoded(output)


def test_logits_are_no_probabilities(refused):
    with refused(CheckpointInvalid, "probabilities are from 0 to 1"):
        decoded(noise(), info_of(outputs="probabilities"))


def test_more_classes_than_a_mask_can_number(refused):
    with refused(CheckpointInvalid, "255"):
        decoded(np.zeros((1, 256, 4, 4), np.float32), info_of(classes=tuple(map(str, range(256)))))


def test_label_map_tells_of_classes_without_pixels():
    _, scores = label_map(np.float32([[[0.9]], [[0.1]]]), None, None)
    assert scores == (pytest.approx(0.9), None)


# --- a whole model ----------------------------------------------------------------------------------------------------


@pytest.fixture
def model(folder: Path) -> Path:
    return models.segmenter(folder / "分 割.onnx", classes=("red", "background", "蓝色"))


def flag(height: int = 60, width: int = 90) -> np.ndarray:
    """A third of red, green and blue each, from left to right."""
    return np.concatenate([models.picture(colour, (height, width // 3)) for colour in models.COLOURS], axis=1)


@pytest.mark.parametrize("softmaxed", [False, True])
def test_a_workflow_tells_areas_and_knows_the_mask(folder: Path, softmaxed: bool):
    file = models.segmenter(folder / "x.onnx", classes=("red", "background", "蓝色"), softmax=softmaxed)
    workflow = Workflow("mmedu", file)
    answer, drawn = workflow.inference(flag(), img_type="cv2")
    assert [entry["预测结果"] for entry in answer] == ["red", "蓝色"]
    assert [entry["占比"] for entry in answer] == pytest.approx([1 / 3] * 2, abs=0.04)
    assert json.loads(json.dumps(answer)) == answer
    assert answer.mask.shape == (60, 90)
    assert drawn.shape == (60, 90, 3)
    assert (drawn[:, 40:50] == flag()[:, 40:50]).all(), "the background stays"
    cut = answer.cut_out(flag(), "red")
    assert cut[30, 5, 3] == 255
    assert cut[30, 80, 3] == 0


def test_every_language_has_its_keys(model: Path):
    workflow = Workflow("mmedu", model)
    workflow.inference(flag())
    keys = {lang: list(workflow.format_output(lang, isprint=False)[0]) for lang in ("zh", "en", "ru", "de", "fr")}
    assert keys["en"] == ["label", "prediction", "area", "share", "confidence", "outlines"]
    assert all(
        len(set(words)) == 6 and not set(words) & set(keys["zh"]) for lang, words in keys.items() if lang != "zh"
    )


def test_one_class_is_wanted(model: Path, refused):
    workflow = Workflow("mmedu", model)
    (entry,) = workflow.inference(flag(), target_class="蓝色")
    assert entry["标签"] == 2
    (entry,) = workflow.inference(flag(), target_class="background")
    assert entry["标签"] == 1
    with refused(ParameterInvalid, "Did you mean 'red'?"):
        workflow.inference(flag(), target_class="rde")


def test_only_background_is_said(model: Path, capsys):
    assert Workflow("mmedu", model).inference(models.picture("green")) == []
    assert "only background" in capsys.readouterr().err


def test_no_pixel_is_sure_enough(folder: Path, capsys):
    file = models.segmenter(folder / "x.onnx")
    assert Workflow("mmedu", file).inference(models.picture("green", (4, 4)), thr=1.0) == []
    assert "probability of 1" in capsys.readouterr().err


def test_base_deploy_and_live(model: Path, folder: Path):
    deployed = BaseDeploy.load(model)
    assert [entry["标签"] for entry in deployed.print_result(deployed.inference(flag()))] == [0, 2]
    image.write(folder / "图" / "r.png", flag())
    lines: list[str] = []
    live.run(Model.load(model), folder / "图", out=folder / "出", tell=lines.append)
    assert lines == ["r.png: red 33%, 蓝色 33%"] or lines[0].startswith("r.png: ")


def test_many_pictures_give_many_lists(model: Path, folder: Path):
    for name, colour in (("a.png", "red"), ("b.png", "blue")):
        image.write(folder / "图" / name, models.picture(colour))
    first, second = Workflow("mmedu", model).inference(folder / "图")
    assert (first[0]["预测结果"], second[0]["预测结果"]) == ("red", "蓝色")


def test_rows_and_summaries_for_the_command_line(model: Path):
    (result,) = Model.load(model).predict([flag()])
    told = KIND.documented(result)
    assert list(KIND.row(told)["classes"][0]) == ["label", "class", "area", "share", "score", "outlines"]
    assert KIND.summary(told).startswith("red 3")
    assert KIND.summary([]) == "nothing found"
    assert KIND.names(result) == ["red", "蓝色"]


@pytest.mark.parametrize(
    ("chosen", "error"),
    [({"outputs": "scores"}, ModelUnsupported), ({"more": 1}, ModelUnsupported), ({"outputs": 1}, CheckpointInvalid)],
)
def test_options_that_are_not_known(folder: Path, chosen: dict, error: type, refused):
    known = replace(info_of(models.preprocess()), options=chosen)
    file = models.segmenter(folder / "x.onnx", known=known)
    with refused(error):
        Workflow("mmedu", file)


def test_a_threshold_is_a_share(model: Path, refused):
    with refused(ParameterInvalid, "thr"):
        Workflow("mmedu", model).inference(flag(), thr=2)
    with refused(ParameterInvalid, "thr"):
        Workflow("mmedu", model).inference(flag(), thr="auto")
