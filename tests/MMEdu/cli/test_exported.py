"""Exported models in the commands: predicted and looked at without torch; what cannot be done with them is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import models_on_disk
from BaseDT import image
from BaseDT.model_info import ModelInfo

WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None  # an import of it fails
from MMEdu.cli import main
main()
"""


def light(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command where torch is missing."""
    command = [sys.executable, "-c", WITHOUT_TORCH, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A red and a green picture."""
    for name in ("red", "green"):
        image.write(tmp_path / "图 片" / f"{name} 图.png", models_on_disk.picture(name, (240, 320)))
    return tmp_path / "图 片"


@pytest.fixture
def classifier(tmp_path: Path) -> Path:
    return models_on_disk.classifier(tmp_path / "模 型" / "颜色.onnx")


@pytest.fixture
def detector(tmp_path: Path) -> Path:
    return models_on_disk.detector(tmp_path / "模 型" / "检测.onnx")


def formats(folder: Path, onnx_file: Path) -> dict[str, Path]:
    """The same classifier for three runtimes."""
    param = models_on_disk.ncnn_classifier(folder / "颜色.ncnn.param")
    param.with_suffix(".json").write_text(json.dumps(models_on_disk.info().to_metadata()), encoding="ascii")
    xml = models_on_disk.openvino_of(onnx_file, folder / "颜色.xml", models_on_disk.info())
    return {"onnx": onnx_file, "param": param, "bin": param.with_suffix(".bin"), "xml": xml}


# --- infer ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["onnx", "param", "bin", "xml"])
def test_an_exported_model_predicts_as_a_checkpoint_does(mmedu, classifier, pictures, kind):
    model = formats(classifier.parent, classifier)[kind]
    ended = mmedu("infer", model, pictures, "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert [row["pred_class"] for row in told["results"]] == ["绿色", "红色"]
    assert set(told["results"][0]) == {"file", "pred_label", "pred_score", "pred_class"}
    assert (told["left_out"], told["save_fold"]) == ([], "cls_result")
    assert sorted(path.name for path in Path("cls_result").iterdir()) == ["green 图.png", "red 图.png"]


def test_torch_is_not_needed(mmedu, classifier, pictures):
    done = light("infer", classifier, pictures / "red 图.png", "--save-fold", "画")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{pictures / 'red 图.png'}: 红色 ")
    assert Path("画", "red 图.png").exists()


def test_the_boxes_of_a_detector(mmedu, detector, pictures):
    picture = pictures / "red 图.png"
    told = json.loads(mmedu("infer", detector, picture, "--json").out)
    (row,) = told["results"]
    assert [(one["label"], one["class"]) for one in row["objects"]] == [(1, "绿色"), (0, "红色")]
    assert set(row["objects"][0]["box"]) == {"x1", "y1", "x2", "y2"}
    assert told["save_fold"] == "det_result"
    fewer = mmedu("infer", detector, picture, "--thr", "0.95", "--no-show")
    assert fewer.out == f"{picture}: nothing found\n"


def test_the_least_score_is_that_of_a_checkpoint_of_the_same_kind(mmedu, tmp_path, pictures):
    known = ModelInfo("detection", "FasterRCNN", models_on_disk.CLASSES, models_on_disk.preprocess(), "detection")
    model = models_on_disk.detector(tmp_path / "两阶段.onnx", known=known)
    told = json.loads(mmedu("infer", model, pictures / "red 图.png", "--no-show", "--json").out)
    assert [one["class"] for one in told["results"][0]["objects"]] == ["绿色"], "one of two is below 0.7"


def test_a_picture_that_cannot_be_read_is_left_out_and_the_command_fails(mmedu, classifier, pictures):
    (pictures / "坏.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    ended = mmedu("infer", classifier, pictures, "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["left_out"] == [str(pictures / "坏.png")]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--thr", "1.5"), "-305"),
        (("--thr", "auto"), "-305"),
        (("--classes", "."), "-305"),
        (("--device", "mps"), "-301"),
        (("--device", "cuda"), "-301"),
    ],
)
def test_an_option_that_an_exported_model_cannot_follow_is_named(mmedu, classifier, pictures, options, code):
    ended = mmedu("infer", classifier, pictures, *options)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"Error Code: {code}. ")


def test_regions_are_fixed_in_a_detector(mmedu, detector, pictures):
    assert "--rpn-threshold is fixed" in mmedu("infer", detector, pictures, "--rpn-threshold", "0.5").err


def test_a_model_that_says_nothing_of_itself_is_named(mmedu, tmp_path, pictures):
    foreign = models_on_disk.classifier(tmp_path / "外.onnx", known={})
    ended = mmedu("infer", foreign, pictures)
    assert ended.code == 1
    assert ended.err.startswith("Error Code: -202. 外.onnx tells nothing of itself")


# --- info ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["onnx", "param", "bin", "xml"])
def test_info_tells_what_the_file_knows(mmedu, classifier, kind):
    ended = mmedu("info", formats(classifier.parent, classifier)[kind], "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert (told["task"], told["backbone"], told["precision"]) == ("classification", "MobileNet", "float32")
    assert told["CLASSES"] == list(models_on_disk.CLASSES)
    assert told["preprocess"]["size"] == [16, 16]
    assert told["format"] == {"onnx": "ONNX", "xml": "OpenVINO"}.get(kind, "NCNN")
    assert told["size"] > 0
    assert "missing" not in told


def test_info_of_a_kind_of_output_that_only_a_newer_version_knows_is_shown(mmedu, tmp_path):
    newer = ModelInfo("generation", "DCGAN", (), models_on_disk.preprocess(), "picture")
    model = models_on_disk.classifier(tmp_path / "新.onnx", known=newer)
    told = json.loads(mmedu("info", model, "--json").out)
    assert (told["task"], told.get("missing")) == ("generation", None)
    ended = mmedu("infer", model, model)
    assert ended.code == 1
    assert "-206" in ended.err
    assert "pip install -U mmedu" in ended.err


def test_info_of_onnx_tells_its_versions(mmedu, tmp_path):
    model = models_on_disk.classifier(tmp_path / "新.onnx", opset=13, ir=8)
    done = light("info", model)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert {"format: ONNX", "opset: 13", "ir_version: 8", "input: [1, 3, 16, 16]"} <= set(lines)
    assert any(line.startswith("size: ") and line.endswith(" MB") for line in lines)


def test_of_a_file_of_the_original_tools_the_preprocessing_is_told(mmedu, tmp_path):
    model = models_on_disk.classifier(tmp_path / "旧.onnx", known=models_on_disk.foreign(), size=(224, 224))
    told = json.loads(mmedu("info", model, "--json").out)
    assert told["backbone"] == "MobileNet"
    assert told["preprocess"]["resize_to"] == [256, 256]


def test_what_a_file_does_not_say_is_named(mmedu, tmp_path):
    model = models_on_disk.classifier(tmp_path / "外.onnx", known={})
    assert json.loads(mmedu("info", model, "--json").out)["missing"] == ["task", "backbone", "CLASSES", "preprocess"]
    assert "It does not say: task, backbone, CLASSES, preprocess." in mmedu("info", model).out


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("没有.onnx", None, "-102"), ("坏.onnx", b"x", "-202"), ("坏.xml", b"<net", "-202"), ("半.bin", b"x", "-202")],
)
def test_info_of_what_is_no_model_is_refused(mmedu, name, content, code):
    if content is not None:
        Path(name).write_bytes(content)
    ended = mmedu("info", name)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"Error Code: {code}. ")


# --- what needs a checkpoint ---------------------------------------------------------------------------------------


def test_what_is_converted_already_is_not_converted_again(mmedu, classifier):
    done = light("convert", classifier)
    assert done.returncode == 1
    assert f"{classifier} is converted already." in done.stderr
    assert "torch" not in done.stderr


def test_a_map_needs_the_checkpoint(mmedu, classifier, pictures):
    done = light("map", classifier, pictures)
    assert done.returncode == 1
    assert "is an exported model" in done.stderr


def test_only_onnx_is_quantised(mmedu, classifier, pictures):
    model = formats(classifier.parent, classifier)["xml"]
    done = light("quantize", model, "--data", pictures)
    assert done.returncode == 1
    assert "Give the .onnx or the .pth file" in done.stderr


def test_a_finished_file_is_quantised_without_torch(classifier, tmp_path):
    for split in ("training_set", "val_set"):
        for name, colour in zip(models_on_disk.CLASSES, models_on_disk.COLOURS, strict=True):
            image.write(tmp_path / "数据 集" / split / name / "图 1.png", models_on_disk.picture(colour))
    done = light("quantize", classifier, "--data", tmp_path / "数据 集")
    assert done.returncode == 0, done.stderr
    assert classifier.with_stem(f"{classifier.stem}_int8").exists()


def test_what_quantising_lacks_is_named_with_the_line_that_installs_it(mmedu, classifier, pictures, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("MMEdu.export")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "onnx", None)
    ended = mmedu("quantize", classifier, "--data", pictures)
    assert ended.code == 1
    assert ended.err.startswith("Error Code: -502. Quantising needs onnx")
    assert "pip install onnx" in ended.err
