"""Pictures with several labels through every door: five lines, resume, processes, export, INT8, the command line."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from label_data import make_digits
from typer.testing import CliRunner

import BaseDeploy
from BaseDT.errors import CannotResume, CheckpointInvalid, DatasetInvalid, ModelUnsupported, ParameterInvalid
from BaseDT.image import read
from BaseDT.model_info import ModelInfo
from MMEdu import MMClassification as cls
from MMEdu.cli import app
from MMEdu.engine import checkpoint as checkpoints
from MMEdu.engine.events import Notice
from XEdu.hub import Workflow
from XEdu.runtime.model import Model

pytestmark = pytest.mark.usefixtures("workplace")
GIVEN = {"batch_size": 16, "lr": 0.003, "optimizer": "Adam", "random_seed": 1}


@dataclass(frozen=True)
class Learned:
    """A LeNet that knows three digits; shared, not to be written to."""

    dataset: Path
    folder: Path
    log: list

    @property
    def best(self) -> Path:
        return next(self.folder.glob("best_mAP_epoch_*.pth"))

    def picture(self, labels: str) -> Path:
        """A picture that has exactly these labels, of those that were learned from."""
        with (self.dataset / "labels.csv").open(encoding="utf-8", newline="") as file:
            names = [row["file"] for row in csv.DictReader(file) if row["labels"] == labels]
        return self.dataset / "images" / names[0]


@pytest.fixture(scope="module")
def learned(tmp_path_factory) -> Learned:
    place = tmp_path_factory.mktemp("多 标签")
    dataset = make_digits(place / "数据 集", count=240)
    model = cls("LeNet")
    model.load_dataset(dataset)
    log = model.train(epochs=8, save_fold=place / "模型", **GIVEN)
    return Learned(dataset, place / "模型", log)


@pytest.fixture
def model(learned) -> cls:
    model = cls("LeNet")
    model.checkpoint = learned.best
    return model


@pytest.fixture(scope="module")
def onnx(learned, tmp_path_factory) -> Path:
    model = cls("LeNet")
    model.checkpoint = learned.best
    return model.convert(out_file=tmp_path_factory.mktemp("出") / "模 型.onnx", standalone=True)


def rewritten(source: Path, target: Path, **meta: object) -> Path:
    content = checkpoints.read(source)
    target.write_bytes(checkpoints.to_bytes({"state_dict": content["state_dict"], "meta": {**content["meta"], **meta}}))
    return target


# --- training ---------------------------------------------------------------------------------------------------------


def test_the_five_lines_learn_several_labels(learned):
    last = learned.log[-1]
    assert {"mAP", "CF1", "OF1", "loss"} <= last.keys()
    assert not any(name.startswith("accuracy") for name in last)
    assert max(line["mAP"] for line in learned.log if line["mode"] == "val") > 85
    meta = checkpoints.read(learned.best)["meta"]
    assert (meta["task"], meta["kind"], meta["CLASSES"]) == (
        "classification",
        "multi_label",
        ["digit 0", "digit 1", "digit 2"],
    )
    assert len(meta["calibration"]["thresholds"]) == 3


def test_a_report_has_a_line_for_each_label_and_no_confusion_matrix(learned):
    assert not (learned.folder / "confusion_matrix.png").exists()
    for name in ("curves.png", "labels.png", "worst_mistakes.png"):
        assert read(learned.folder / name).shape[0] > 100
    with (learned.folder / "per_class.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["class"] for row in rows] == ["digit 0", "digit 1", "digit 2"]
    for row in rows:
        assert int(row["found"]) + int(row["missed"]) == int(row["support"]) > 0
        assert 0 <= float(row["average_precision"]) <= 1


def test_an_interrupted_training_goes_on_bit_for_bit(learned, tmp_path):
    def train(folder: str, epochs: int, **more: object) -> Path:
        model = cls("LeNet")
        model.load_dataset(learned.dataset, check=False)
        model.train(epochs=epochs, save_fold=tmp_path / folder, **GIVEN, **more)
        return tmp_path / folder / "latest.pth"

    whole = train("whole", 2)
    train("parts", 1)
    parts = train("parts", 2, resume=True)
    first, second = (checkpoints.read(file)["state_dict"] for file in (whole, parts))
    assert all(torch.equal(value, second[name]) for name, value in first.items())


def test_a_set_that_became_one_of_classes_is_not_resumed(learned, make_imagenet, tmp_path):
    model = cls("LeNet")
    model.load_dataset(make_imagenet(tmp_path / "set", classes=("digit 0", "digit 1", "digit 2")))
    with pytest.raises(CannotResume):
        model.train(epochs=20, save_fold=learned.folder, resume=True, **GIVEN)


@pytest.mark.parametrize("freeze", ["backbone", 1])
def test_a_head_alone_learns_from_features(learned, tmp_path, freeze):
    model = cls("LeNet")
    model.load_dataset(learned.dataset, check=False)
    log = model.train(epochs=1, checkpoint=learned.best, freeze=freeze, save_fold=tmp_path, **GIVEN)
    assert log[-1]["mAP"] > 80


def test_what_a_micro_batch_learns_is_what_the_batch_would(learned):
    """The parts of a batch weigh by their pictures: together they have the loss of the whole."""
    from MMEdu.engine.protocol import Batch
    from MMEdu.models.registry import find
    from MMEdu.tasks.classification.learning import ClassificationTask
    from MMEdu.tasks.classification.several_labels import SeveralLabels

    entry, random = find("LeNet", "classification"), np.random.default_rng(0)
    task = ClassificationTask(
        entry.preprocess, SeveralLabels(), np.zeros((0, 3), np.uint8), 3, class_weights=np.array([1, 5, 2], np.float32)
    )
    torch.manual_seed(0)
    network = entry.build(3)
    targets = random.integers(0, 2, (6, 3), np.uint8)
    batch = Batch(random.integers(0, 256, (6, 32, 32, 1), np.uint8), targets, np.arange(6))
    device = torch.device("cpu")
    whole = task.losses(network, task.inputs(batch, device))["loss"]
    parts = batch.split(4)
    weights = [task.weight(part) for part in parts]
    summed = sum(task.losses(network, task.inputs(p, device))["loss"] * w for p, w in zip(parts, weights, strict=True))
    assert (summed / sum(weights)).item() == pytest.approx(whole.item(), rel=1e-5)


@pytest.mark.full
def test_two_processes_train_on_one_set(learned, tmp_path):
    """A rate that moves nothing leaves the weights, so that the metric is that of the one process before."""
    model = cls("LeNet")
    model.load_dataset(learned.dataset, check=False)
    given = {**GIVEN, "lr": 1e-30, "weight_decay": 0.0, "optimizer": "SGD"}
    log = model.train(epochs=1, checkpoint=learned.best, save_fold=tmp_path, distributed=True, devices=2, **given)
    assert log[-1]["mAP"] == max(line["mAP"] for line in learned.log if line["mode"] == "val")


def test_metrics_of_classes_are_translated_and_the_best_file_is_named_by_them(learned, tmp_path):
    model = cls("LeNet")
    told: list[object] = []
    model.listener = told.append
    model.load_dataset(learned.dataset, check=False)
    log = model.train(epochs=1, metric="f1_score", topk=(1, 5), balance="auto", save_fold=tmp_path, **GIVEN)
    assert next(tmp_path.glob("best_CF1_epoch_1.pth"))
    assert next(iter(k for k in log[-1] if k in ("mAP", "CF1"))) == "CF1"
    assert any("topk means nothing" in event.text for event in told if isinstance(event, Notice))


@pytest.mark.parametrize("arguments", [{"save_best": "accuracy_top-1"}, {"save_best": "bbox_mAP"}])
def test_metrics_that_there_are_not_are_refused(learned, tmp_path, arguments):
    model = cls("LeNet")
    model.load_dataset(learned.dataset, check=False)
    with pytest.raises(ParameterInvalid, match="mAP"):
        model.train(epochs=1, save_fold=tmp_path, **arguments)


def test_mAP_is_refused_where_pictures_have_one_class(dataset, tmp_path):
    model = cls("LeNet")
    model.load_dataset(dataset)
    with pytest.raises(ParameterInvalid, match="metric"):
        model.train(epochs=1, metric="mAP", save_fold=tmp_path)


# --- results ----------------------------------------------------------------------------------------------------------


def test_a_result_has_lists_the_surest_label_first(learned, model, capsys):
    picture = learned.picture("digit 0;digit 2")
    result = model.inference(image=picture)
    assert set(result["pred_class"]) == {"digit 0", "digit 2"}
    assert result["pred_score"] == sorted(result["pred_score"], reverse=True)
    assert json.loads(json.dumps(result)) == result
    [shown] = model.print_result()
    assert shown == {"标签": result["pred_label"], "置信度": result["pred_score"], "预测结果": result["pred_class"]}
    assert model.print_result(result) == [shown]
    assert "digit 0" in capsys.readouterr().out
    assert Path("cls_result", picture.name).exists()


def test_a_picture_without_any_label_has_an_empty_answer(learned, model):
    assert model.inference(image=learned.picture(""), show=False)["pred_label"] == []


def test_thr_is_one_score_for_all_labels(learned, model):
    picture = learned.picture("digit 1")
    assert len(model.inference(image=picture, show=False, thr=0.0)["pred_label"]) == 3
    assert model.inference(image=picture, show=False, thr=1.0)["pred_label"] == []
    with pytest.raises(ParameterInvalid):
        model.inference(image=picture, show=False, thr=1.5)


def test_own_thresholds_decide_where_nobody_says_otherwise(learned, model, tmp_path, onnx):
    picture = learned.picture("digit 0;digit 2")
    before = model.inference(image=picture, show=False)
    calibration = {"thresholds": [0.99999, 0.0, 0.5]}
    model.checkpoint = rewritten(learned.best, tmp_path / "a.pth", calibration=calibration)
    for thr in (None, "auto"):
        assert set(model.inference(image=picture, show=False, thr=thr)["pred_class"]) == {"digit 1", "digit 2"}
    assert model.inference(image=picture, show=False, thr=0.5) == before
    file = model.convert(out_file=tmp_path / "b.onnx")
    assert set(Workflow(task="mmedu", checkpoint=file).inference(data=picture)["预测结果"]) == {"digit 1", "digit 2"}


@pytest.mark.parametrize(
    "meta", [{"calibration": {"thresholds": [0.5]}}, {"calibration": {"thresholds": [2, 0.5, 0.5]}}]
)
def test_thresholds_that_cannot_be_are_named(learned, model, tmp_path, meta):
    model.checkpoint = rewritten(learned.best, tmp_path / "a.pth", **meta)
    with pytest.raises(CheckpointInvalid, match="calibration"):
        model.inference(image=learned.picture("digit 1"), show=False)


def test_a_kind_that_is_unknown_here_is_a_newer_versions(learned, model, tmp_path):
    model.checkpoint = rewritten(learned.best, tmp_path / "a.pth", kind="ordinal")
    with pytest.raises(ModelUnsupported, match="ordinal"):
        model.inference(image=learned.picture("digit 1"), show=False)


def test_what_a_label_is_seen_by_and_features(learned, model):
    result = model.explain(learned.picture("digit 0;digit 2"), label=2, show=False).result
    assert result.name == "digit 2"
    assert result.score > 0.5, "the label's own probability, whatever the others are"
    assert model.embed(learned.picture("digit 1")).shape[0] == 1


# --- exported ---------------------------------------------------------------------------------------------------------


def test_the_file_says_what_it_gives(onnx):
    info = Model.load(onnx).info
    assert isinstance(info, ModelInfo)
    assert (info.task, info.kind) == ("classification", "multi_label")
    assert len(info.options["thresholds"]) == 3


@pytest.mark.parametrize("backend", ["ONNX", "OpenVINO", "NCNN"])
def test_every_format_gives_what_the_trained_model_does(learned, model, tmp_path, backend):
    pytest.importorskip({"ONNX": "onnx", "OpenVINO": "openvino", "NCNN": "pnnx"}[backend])
    told: list[object] = []
    model.listener = told.append
    file = model.convert(out_file=tmp_path / "m", backend=backend)
    assert any("expect one answer" in event.text for event in told if isinstance(event, Notice))
    picture = learned.picture("digit 0;digit 2")
    ours, theirs = (
        model.inference(image=picture, show=False),
        Workflow(task="mmedu", checkpoint=file).inference(data=picture),
    )
    assert theirs["标签"] == ours["pred_label"]
    np.testing.assert_allclose(theirs["置信度"], ours["pred_score"], atol=1e-3)


def test_workflow_speaks_every_language_and_draws(learned, onnx, capsys):
    flow = Workflow(task="mmedu", checkpoint=onnx)
    picture = learned.picture("digit 0;digit 2")
    result, drawn = flow.inference(data=picture, img_type="cv2")
    assert drawn.shape[:2] == (32, 32)
    english = flow.format_output(lang="en")
    assert english["prediction"] == result["预测结果"]
    for lang in ("ru", "de", "fr"):
        assert len(flow.format_output(lang=lang)) == 3
    several = flow.inference(data=[picture, learned.picture("")], thr=0.5)
    assert [len(one["标签"]) for one in several] == [2, 0]


def test_base_deploy_gives_lists(learned, onnx):
    deployed = BaseDeploy(onnx)
    raw = deployed.inference(learned.picture("digit 0;digit 2"))
    assert raw[0].shape == (1, 3)
    assert set(deployed.print_result()["预测结果"]) == {"digit 0", "digit 2"}


def test_the_standalone_script_says_the_same(learned, onnx):
    script = onnx.with_name("模 型_standalone.py")
    picture = learned.picture("digit 0;digit 2")
    done = subprocess.run(
        [sys.executable, script, picture], check=True, capture_output=True, encoding="utf-8", timeout=100
    )
    assert "digit 0" in done.stdout
    assert "digit 2" in done.stdout
    assert "digit 1" not in done.stdout


def test_int8_is_measured_by_mAP(learned, onnx, tmp_path):
    model = cls("LeNet")
    told: list[object] = []
    model.listener = told.append
    file = model.quantize(checkpoint=onnx, dataset_path=learned.dataset, out_file=tmp_path / "q.onnx", max_drop=5.0)
    assert any("mAP" in event.text for event in told if isinstance(event, Notice))
    info = Model.load(file).info
    assert info is not None
    assert (info.kind, info.precision) == ("multi_label", "int8")


def test_int8_refuses_sets_of_the_other_kind(learned, onnx, make_imagenet, tmp_path):
    one = make_imagenet(tmp_path / "set", classes=("digit 0", "digit 1", "digit 2"))
    with pytest.raises(DatasetInvalid, match="one class each"):
        cls("LeNet").quantize(checkpoint=onnx, dataset_path=one)


def test_a_file_to_teach_from_is_refused(model, tmp_path):
    with pytest.raises(ParameterInvalid, match="features=True"):
        model.convert(out_file=tmp_path / "f.onnx", features=True)


# --- the command line -------------------------------------------------------------------------------------------------


def test_an_evaluation_of_the_checkpoint_and_of_its_file_say_exactly_the_same(learned, model, onnx, tmp_path):
    names = {"model", "save_fold", "notes"}
    results = [
        model.evaluate(learned.dataset, save_fold=tmp_path / "a"),
        Workflow(task="mmedu", checkpoint=onnx).evaluate(learned.dataset, save_fold=tmp_path / "b", isprint=False),
    ]
    ours, exported = ({key: value for key, value in result.items() if key not in names} for result in results)
    assert ours == exported
    assert (ours["pictures"], ours["part"], ours["mAP"] > 0.9) == (240, "all", True)
    assert any("trained on 192 of these 240" in note for note in results[0]["notes"])


def test_what_was_held_out_is_judged_where_the_set_is_loaded(learned, model, tmp_path):
    model.load_dataset(learned.dataset)
    result = model.evaluate(save_fold=tmp_path / "a")
    assert (result["part"], result["pictures"]) == ("held_out", 48)
    assert result["mAP"] == pytest.approx(max(line["mAP"] for line in learned.log if "mAP" in line) / 100, abs=2e-3)


def ok(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_line_takes_such_sets_and_models(learned, onnx):
    picture = learned.picture("digit 0;digit 2")
    assert "digit 1" in ok("check", learned.dataset)
    for model in (learned.best, onnx):
        assert "digit 0" in ok("infer", model, picture, "--no-show")
        [entry] = json.loads(ok("infer", model, picture, "--json", "--no-show"))["results"]
        assert set(entry["pred_class"]) == {"digit 0", "digit 2"}
    assert "none of these" in ok("infer", onnx, learned.picture(""), "--no-show")
    assert "multi_label" in ok("info", onnx)


def test_a_benchmark_measures_mAP(learned, onnx):
    rows = json.loads(
        ok("benchmark", onnx, "--images", learned.dataset, "--seconds", "0.05", "--threads", "1", "--json")
    )
    text = json.dumps(rows)
    assert '"mAP"' in text
