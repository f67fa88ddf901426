"""``thr=``: an answer below it is none of the classes, by every door; the scores behind it are the same everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import BaseDeploy
from BaseDT import image
from BaseDT.errors import CheckpointInvalid, ParameterInvalid
from BaseDT.model_info import ModelInfo
from MMEdu import MMClassification as cls
from MMEdu.engine import checkpoint as checkpoints
from MMEdu.tasks.classification.calibration import suggestion_text
from XEdu.hub import Workflow
from XEdu.runtime.model import Model
from XEdu.teach import Learner

pytestmark = pytest.mark.usefixtures("workplace")

NONE = (-1, "none of these")
BAD = [-0.1, 1.1, float("nan"), float("inf"), True, "Auto", "0.5", "", [0.5], b"auto"]


def rewritten(source: Path, target: Path, calibration: Any) -> Path:
    """A copy of a checkpoint that says something else of its calibration; None: nothing, as older ones do."""
    content = checkpoints.read(source)
    meta = {name: value for name, value in content["meta"].items() if name != "calibration"}
    meta |= {} if calibration is None else {"calibration": calibration}
    target.write_bytes(checkpoints.to_bytes({"state_dict": content["state_dict"], "meta": meta}))
    return target


@pytest.fixture
def model(trained: Any, tmp_path: Path) -> cls:
    """A LeNet of temperature 2.5 that suggests 0.999: by it no answer is sure enough."""
    model = cls("LeNet")
    model.checkpoint = rewritten(trained.checkpoint, tmp_path / "热.pth", {"temperature": 2.5, "threshold": 0.999})
    return model


@pytest.fixture
def old(trained: Any, tmp_path: Path) -> cls:
    """The same LeNet from a checkpoint of an older version."""
    model = cls("LeNet")
    model.checkpoint = rewritten(trained.checkpoint, tmp_path / "旧.pth", None)
    return model


def exported(model: cls, **options: Any) -> Path:
    return model.convert(out_file="出/模 型.onnx", **options)


def log_odds(score: float) -> float:
    return float(np.log(score / (1 - score)))


# --- the scores -------------------------------------------------------------------------------------------------------


def test_logits_are_divided_by_the_temperature_and_no_answer_changes(model: cls, old: cls, trained: Any) -> None:
    for picture in (trained.cat, trained.dog):
        cooler, before = (each.inference(image=picture, show=False) for each in (model, old))
        assert cooler["pred_label"] == before["pred_label"]
        assert log_odds(cooler["pred_score"]) == pytest.approx(log_odds(before["pred_score"]) / 2.5, rel=5e-3)


@pytest.mark.parametrize("backend", ["OpenVINO", "NCNN"])
def test_other_runtimes_give_the_same_scores_and_know_the_threshold(model: cls, trained: Any, backend: str) -> None:
    pytest.importorskip({"OpenVINO": "openvino", "NCNN": "ncnn"}[backend])
    flow = Workflow("mmedu", model.convert(out_file="出/模型", backend=backend))
    of_checkpoint = model.inference(image=trained.dog, show=False)["pred_score"]
    assert flow.inference(trained.dog)["置信度"] == pytest.approx(of_checkpoint, abs=2e-3)
    assert flow.inference(trained.dog, thr="auto")["标签"] == -1


def test_an_int8_file_knows_the_threshold(model: cls, trained: Any) -> None:
    file = model.quantize(out_file="出/小.onnx", dataset_path=trained.dataset, images=4, max_drop=100)
    info = Model.load(file).info
    assert info is not None
    assert (info.precision, info.threshold) == ("int8", 0.999)


@pytest.mark.parametrize("features", [False, True])
def test_checkpoint_and_exported_file_give_the_same_scores(model: cls, trained: Any, features: bool) -> None:
    folder = trained.dataset / "val_set" / "猫"
    of_checkpoint = model.inference(image=folder, show=False)
    of_file = Workflow("mmedu", exported(model, features=features)).inference(folder)
    assert len(of_file) == 4
    for trained_one, exported_one in zip(of_checkpoint, of_file, strict=True):
        assert exported_one["置信度"] == pytest.approx(trained_one["pred_score"], abs=1e-5)


def test_the_explanation_has_the_same_score(model: cls, old: cls, trained: Any) -> None:
    explanation = model.explain(trained.cat, show=False)
    assert explanation.result.score == pytest.approx(model.inference(image=trained.cat, show=False)["pred_score"])
    np.testing.assert_allclose(explanation.heat, old.explain(trained.cat, show=False).heat, atol=1e-5)


def test_features_have_no_temperature(model: cls, old: cls, trained: Any) -> None:
    np.testing.assert_array_equal(model.embed(trained.cat), old.embed(trained.cat))


def test_a_model_is_not_cooled_twice_and_its_file_not_at_all(model: cls, trained: Any) -> None:
    assert model.checkpoint is not None
    before = Path(model.checkpoint).read_bytes()
    first = model.inference(image=trained.cat, show=False)
    exported(model)
    model.load_checkpoint()
    assert model.fast_inference(trained.cat, show=False) == first
    assert Path(model.checkpoint).read_bytes() == before


@pytest.mark.parametrize("backbone", ["MobileNet", "SqueezeNet1_1", "RepVGG", "densenet121", "mobilenet_v3_small"])
def test_every_kind_of_head_divides_its_logits(backbone: str) -> None:
    import torch

    from MMEdu.models import registry
    from MMEdu.models.heads import divide_logits

    torch.manual_seed(0)
    network = registry.find(backbone, "classification").build(3).eval()
    pictures = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        logits = network(pictures)
    divide_logits(network, 2.5)
    with torch.inference_mode():
        torch.testing.assert_close(network(pictures), logits / 2.5)


def test_a_learner_teaches_other_classes_from_such_a_file_and_suggests_nothing(model: cls, trained: Any) -> None:
    learner = Learner(exported(model, features=True))
    learner.add("a", trained.cat)
    learner.add("b", trained.dog)
    file = learner.save("新.onnx")
    answer = learner.predict(trained.cat)
    assert Workflow("mmedu", file).inference(trained.cat)["置信度"] == pytest.approx(answer["置信度"], abs=1e-5)
    info = Model.load(file).info
    assert info is not None
    assert info.threshold is None


# --- none of these, by every door -------------------------------------------------------------------------------------


@pytest.mark.parametrize("thr", ["auto", 0.9999, 1, np.float64(1.0)])
def test_inference_rejects_and_keeps_the_score(model: cls, trained: Any, thr: Any) -> None:
    before = model.inference(image=trained.cat, show=False)
    after = model.inference(image=trained.cat, show=False, thr=thr)
    assert (after["pred_label"], after["pred_class"]) == NONE
    assert after["pred_score"] == before["pred_score"]
    assert list(after) == list(before)
    assert model.print_result() == [{"标签": -1, "置信度": after["pred_score"], "预测结果": NONE[1]}]
    assert model.print_result(after) == model.print_result(), "what it returned can be handed in again"
    assert json.loads(json.dumps(after)) == after


@pytest.mark.parametrize("thr", [None, 0, 0.0, 0.5])
def test_what_is_sure_enough_is_answered(model: cls, trained: Any, thr: Any) -> None:
    assert model.inference(image=trained.cat, show=False, thr=thr)["pred_label"] == 1


def test_a_score_on_the_threshold_is_kept(model: cls, trained: Any) -> None:
    score = model.inference(image=trained.cat, show=False)["pred_score"]
    assert model.inference(image=trained.cat, show=False, thr=score)["pred_label"] == 1


def test_fast_inference_rejects_too(model: cls, trained: Any) -> None:
    model.load_checkpoint()
    results = model.fast_inference([trained.cat, trained.dog], show=False, thr="auto")
    assert [(each["pred_label"], each["pred_class"]) for each in results] == [NONE, NONE]
    assert model.fast_inference(trained.cat, show=False)["pred_label"] == 1, "it is of one call alone"


def test_workflow_and_its_languages(model: cls, trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = Workflow("mmedu", exported(model))
    sure = flow.inference(trained.cat)
    result, picture = flow.inference(trained.cat, img_type="cv2", thr="auto")
    assert result == {"标签": -1, "置信度": sure["置信度"], "预测结果": NONE[1]}
    assert picture.shape[:2] == image.read(trained.cat).shape[:2]
    assert flow.format_output("en", isprint=False)["prediction"] == NONE[1]
    assert flow.format_output("de", isprint=False)["Vorhersage"] == "nichts davon"
    assert flow.inference(trained.cat, thr=0.5)["标签"] == 1
    monkeypatch.setenv("MMEDU_LANG", "zh")
    assert flow.inference(trained.cat, thr="auto")["预测结果"] == "都不是"
    assert flow.format_output("en", isprint=False)["prediction"] == NONE[1]


def test_base_deploy_keeps_raw_outputs_and_rejects_in_words(model: cls, trained: Any) -> None:
    deployed = BaseDeploy.load(exported(model))
    raw = deployed.inference(str(trained.cat))
    assert deployed.print_result()["标签"] == 1
    assert deployed.print_result(list(raw))["标签"] == 1, "plain arrays have no threshold"
    np.testing.assert_array_equal(deployed.inference(str(trained.cat), score="auto")[0], raw[0])
    assert deployed.print_result() == {"标签": -1, "置信度": pytest.approx(float(raw[0].max())), "预测结果": NONE[1]}


def test_a_rejected_answer_is_drawn_in_grey_and_in_words(model: cls, trained: Any) -> None:
    model.inference(image=trained.cat, thr="auto", save_fold="灰")
    model.inference(image=trained.cat, save_fold="彩")
    grey, coloured = (image.read(Path(folder, trained.cat.name)) for folder in ("灰", "彩"))
    assert (grey[1, 1] == 96).all()
    assert not (coloured[1, 1] == 96).all()


def test_a_rejected_answer_can_be_drawn_without_a_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    from BaseDT import draw, fonts
    from BaseDT.results import ClassificationResult

    monkeypatch.setattr(fonts, "can_draw", str.isascii)
    canvas = np.zeros((240, 320, 3), np.uint8)
    drawn = [draw.classification(canvas, ClassificationResult(-1, 0.4, name)) for name in ("都不是", NONE[1])]
    np.testing.assert_array_equal(*drawn)


# --- after the training -----------------------------------------------------------------------------------------------


def test_a_training_keeps_both_and_says_so(
    make_imagenet: Callable[..., Path], tmp_path: Path, quick: None, refused: Any
) -> None:
    from MMEdu.engine.events import Notice

    data = make_imagenet(tmp_path / "数据", train=8, val=12)
    model, told = cls("LeNet"), []
    model.load_dataset(data)
    model.train(
        epochs=3, batch_size=8, optimizer="Adam", random_seed=1, save_fold=tmp_path / "出", listener=told.append
    )
    assert model.trained is not None
    for file in (model.trained.best_file, tmp_path / "出" / "latest.pth", tmp_path / "出" / "epoch_3.pth"):
        said = checkpoints.read(file)["meta"]["calibration"]
        assert set(said) == {"temperature", "threshold"}
        assert 0.05 <= said["temperature"] <= 20
    best = checkpoints.read(model.trained.best_file)["meta"]["calibration"]
    lines = [event.text for event in told if isinstance(event, Notice) and 'thr="auto"' in event.text]
    assert len(lines) == 1
    assert lines == list(suggestion_text({"calibration": best}).splitlines())
    # What 95 % of the right validation pictures keep, asked of the checkpoint as a pupil would.
    kept = right = 0
    for label, name in enumerate(("狗", "猫")):
        for result in model.inference(image=data / "val_set" / name, show=False):
            right += result["pred_label"] == label
            kept += result["pred_label"] == label and result["pred_score"] >= best["threshold"] - 1e-4
    assert kept >= 0.95 * right > 0
    assert Model.load(exported(model)).info.threshold == best["threshold"]


def test_few_validation_pictures_suggest_nothing(trained: Any, refused: Any) -> None:
    said = checkpoints.read(trained.checkpoint)["meta"]["calibration"]
    assert said == {"temperature": 1.0, "threshold": None}
    model = cls("LeNet")
    model.checkpoint = trained.checkpoint
    with refused(ParameterInvalid, "thr='auto'", "suggests no score", "thr=0.6"):
        model.inference(image=trained.cat, show=False, thr="auto")


# --- what cannot be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("thr", BAD)
def test_a_threshold_that_cannot_be_is_refused_by_inference(model: cls, trained: Any, thr: Any, refused: Any) -> None:
    with refused(ParameterInvalid, "thr=", "from 0 to 1, or 'auto'"):
        model.inference(image=trained.cat, show=False, thr=thr)
    model.load_checkpoint()
    with refused(ParameterInvalid, "thr="):
        model.fast_inference(trained.cat, show=False, thr=thr)


def test_a_threshold_that_cannot_be_is_refused_by_exported_models(model: cls, trained: Any, refused: Any) -> None:
    file = exported(model)
    flow, deployed = Workflow("mmedu", file), BaseDeploy.load(file)
    for thr in BAD:
        with refused(ParameterInvalid, "thr="):
            flow.inference(trained.cat, thr=thr)
        with refused(ParameterInvalid, "score="):
            deployed.inference(str(trained.cat), score=thr)


def test_auto_without_a_suggestion_says_what_helps(old: cls, trained: Any, refused: Any) -> None:
    file = exported(old)
    with refused(ParameterInvalid, "thr='auto'", "suggests no score", "validation pictures"):
        old.inference(image=trained.cat, show=False, thr="auto")
    with refused(ParameterInvalid, "thr='auto'", "thr=0.6"):
        Workflow("mmedu", file).inference(trained.cat, thr="auto")
    with refused(ParameterInvalid, "score='auto'", "score=0.6"):
        BaseDeploy.load(file).inference(str(trained.cat), score="auto")
    assert old.inference(image=trained.cat, show=False, thr=1)["pred_label"] == -1, "a number does without"
    assert not Path("cls_result").exists()


@pytest.mark.parametrize(
    "calibration",
    [
        {"temperature": 0, "threshold": None},
        {"temperature": -1.0},
        {"temperature": float("nan")},
        {"temperature": "hot"},
        {"temperature": True},
        {"temperature": 1.0, "threshold": 1.5},
        {"temperature": 1.0, "threshold": "0.5"},
        [1.0, 0.5],
        None,
    ],
)
def test_a_checkpoint_that_says_nonsense_of_its_scores_is_refused(
    trained: Any, tmp_path: Path, calibration: Any, refused: Any
) -> None:
    model = cls("LeNet")
    content = checkpoints.read(trained.checkpoint)
    content["meta"]["calibration"] = calibration
    (tmp_path / "坏.pth").write_bytes(checkpoints.to_bytes(content))
    model.checkpoint = tmp_path / "坏.pth"
    with refused(CheckpointInvalid, "calibration"):
        model.inference(image=trained.cat, show=False)


@pytest.mark.parametrize("threshold", [1.5, -0.1, "0.5", True, None, [0.5]])
def test_an_exported_file_that_says_nonsense_is_damaged(old: cls, threshold: Any) -> None:
    info = Model.load(exported(old)).info
    assert info is not None
    assert ModelInfo.from_dict({**info.to_dict(), "threshold": 0.5}).threshold == 0.5  # type: ignore[union-attr]
    assert ModelInfo.from_dict({**info.to_dict(), "threshold": threshold}) is None


def test_a_file_without_the_new_key_is_as_before(old: cls) -> None:
    info = Model.load(exported(old)).info
    assert info is not None
    assert "threshold" not in info.to_dict()


def test_what_is_suggested_is_told_of_a_file(model: cls, old: cls, capsys: pytest.CaptureFixture[str]) -> None:
    from MMEdu import pth_info

    pth_info(str(exported(model)))
    assert "0.999" in capsys.readouterr().out
    pth_info(str(exported(old)))
    assert "threshold" not in capsys.readouterr().out
