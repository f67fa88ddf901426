"""``evaluate`` of the documented classes and ``mmedu eval``: a checkpoint and its exported files agree exactly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from BaseDT.errors import CheckpointNotFound, DatasetInvalid, DatasetNotLoaded, ParameterUnknown
from MMEdu import MMClassification, MMDetection, cli

SAME = ("pictures", "right", "accuracy", "accuracy_interval", "confusion_matrix", "per_class", "mistakes_count")
SAME_BOXES = ("pictures", "objects", "found", "missed", "false_alarms", "recall", "precision", "f1", "mAP_50")


def mmedu(*arguments: object, ok: bool = True) -> str:
    done = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    assert (done.exit_code == 0) is ok, done.output
    return done.stdout if ok else done.output


def test_a_classifier_and_its_exported_files_agree(trained, make_imagenet, workplace) -> None:
    model = MMClassification("LeNet")
    pictures = make_imagenet(workplace / "测试", seed=7, train=0, val=0, test=9) / "test_set"
    first = model.evaluate(pictures, checkpoint=trained.checkpoint)
    assert first["pictures"] == 18
    for backend, name in (("ONNX", "m.onnx"), ("OpenVINO", "m.xml"), ("NCNN", "m.ncnn.param")):
        model.convert(checkpoint=trained.checkpoint, backend=backend, out_file=name)
        other = json.loads(mmedu("eval", name, pictures, "--json"))
        assert {key: other[key] for key in SAME} == {key: first[key] for key in SAME}
        pairs = zip(first["mistakes"], other["mistakes"], strict=True)
        assert all(a["score"] == pytest.approx(b["score"], abs=2e-3) for a, b in pairs)


def test_a_detector_and_its_exported_file_agree(detector, workplace) -> None:
    model = MMDetection("SSD_Lite")
    first = model.evaluate(detector.dataset, checkpoint=detector.checkpoint, thr=0.1)
    assert (first["part"], first["pictures"]) == ("val", 4)
    model.convert(checkpoint=detector.checkpoint, out_file="m.onnx")
    other = json.loads(mmedu("eval", "m.onnx", detector.dataset, "--thr", 0.1, "--json"))
    assert {key: other[key] for key in SAME_BOXES} == {key: first[key] for key in SAME_BOXES}
    by_name = json.loads(mmedu("eval", detector.checkpoint, detector.dataset, "--thr", 0.1, "--json"))
    assert by_name["mAP"] == first["mAP"]
    # What validation measured, up to the boxes of next to no score that COCO counts, too.
    assert first["mAP_50"] == pytest.approx(detector.log[-1]["bbox_mAP_50"], abs=0.02)


def test_without_a_path_the_loaded_sets_test_pictures_are_taken(trained, make_imagenet, workplace, quick) -> None:
    model = MMClassification("LeNet")
    model.load_dataset(make_imagenet(workplace / "数据 集", test=2))
    assert model.evaluate(checkpoint=trained.checkpoint)["part"] == "test"
    model.load_dataset(trained.dataset)
    result = model.evaluate(checkpoint=trained.checkpoint)
    assert (result["part"], result["pictures"], result["accuracy"]) == ("val", 8, 1.0)
    assert any("chosen by these pictures" in note for note in result["notes"])


def test_pictures_that_were_trained_on_are_named_as_such(trained, workplace) -> None:
    model = MMClassification("LeNet")
    notes = model.evaluate(trained.dataset / "training_set", checkpoint=trained.checkpoint)["notes"]
    assert any("trained on 24 of these 24" in note for note in notes)


def test_where_nobody_validated_what_was_held_out_was_trained_on_too(make_imagenet, workplace, quick) -> None:
    make_imagenet(workplace / "分", train=8, val=0)
    folder = (workplace / "分" / "training_set").rename(workplace / "整")  # class folders, nothing else
    model = MMClassification("LeNet")
    model.load_dataset(folder)
    model.save_fold = "ck"
    model.train(epochs=1, validate=False, device="cpu")
    for path in (folder, None):
        result = model.evaluate(path)
        count = result["pictures"]
        assert any(f"trained on {count} of these {count}" in note for note in result["notes"])


def test_where_damaged_pictures_were_left_out_it_is_the_same_set(make_imagenet, workplace, quick) -> None:
    root = make_imagenet(workplace / "破", train=6, val=4)
    next((root / "training_set").rglob("*.png")).write_bytes(b"")
    model = MMClassification("LeNet")
    model.load_dataset(root, check="skip")
    model.save_fold = "ck"
    model.train(epochs=1, device="cpu")
    notes = model.evaluate(root)["notes"]
    assert any("chosen by these pictures" in note for note in notes)
    assert any("trained on" in note for note in model.evaluate(root / "training_set")["notes"])


def test_of_another_set_nothing_is_said(trained, make_imagenet, workplace) -> None:
    other = make_imagenet(workplace / "别的", seed=3)
    notes = MMClassification("LeNet").evaluate(other, checkpoint=trained.checkpoint)["notes"]
    assert not [note for note in notes if "trained" in note or "chosen" in note]


def test_what_is_missing_is_named(trained, workplace, refused) -> None:
    model = MMClassification("LeNet")
    with refused(DatasetNotLoaded, "evaluate('my_test_set')"):
        model.evaluate(checkpoint=trained.checkpoint)
    with refused(CheckpointNotFound):
        model.evaluate(trained.dataset)
    with pytest.raises(ParameterUnknown):
        model.evaluate(trained.dataset, treshold=0.3)
    with refused(DatasetInvalid):
        model.evaluate(trained.dog, checkpoint=trained.checkpoint)
    assert not list(workplace.iterdir())


def test_the_command_tells_people_and_refuses_in_its_own_words(trained, workplace, monkeypatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    text = mmedu("eval", trained.checkpoint, trained.dataset, "--out", "报 告")
    assert "8 个中 8 个" in text
    assert Path("报 告", "evaluation.json").is_file()
    assert "-105" in mmedu("eval", trained.checkpoint, trained.dataset, "--out", "报 告", ok=False)
    assert "-102" in mmedu("eval", "没有.pth", trained.dataset, ok=False)
    assert "-102" in mmedu("eval", "没有.onnx", trained.dataset, ok=False)


def test_a_threshold_that_the_file_does_not_suggest_is_refused(trained, workplace) -> None:
    assert "-305" in mmedu("eval", trained.checkpoint, trained.dataset, "--thr", "auto", ok=False)
    assert "-305" in mmedu("eval", trained.checkpoint, trained.dataset, "--thr", "2", ok=False)
