"""``model.quantize``: INT8 that is measured, keeps decisions in float, and is refused when it costs too much."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from BaseDT import image
from BaseDT.errors import (
    AccuracyLost,
    CheckpointInvalid,
    CheckpointNotFound,
    ClassCountMismatch,
    DatasetNotFound,
    DatasetNotLoaded,
    ParameterInvalid,
    PathNotWritable,
    TaskMismatch,
)
from BaseDT.model_info import ModelInfo
from MMEdu import MMClassification, MMDetection
from MMEdu.export.int8.quantizer import Quantizer
from MMEdu.export.int8.report import slower_text
from MMEdu.export.measurement import Measurement
from MMEdu.tasks.classification.evaluation import ClassificationEvaluator
from XEdu.runtime.model import Model


@pytest.fixture
def model(trained) -> MMClassification:
    model = MMClassification("LeNet")
    model.load_dataset(trained.dataset, check=False)
    return model


@pytest.fixture(scope="module")
def int8(trained, tmp_path_factory) -> Path:
    """An INT8 LeNet; not to be written to."""
    place = tmp_path_factory.mktemp("八 位") / "猫 狗"
    return MMClassification("LeNet").quantize(trained.checkpoint, place, trained.dataset)


def weights(file: Path) -> list[np.ndarray]:
    arrays = [numpy_helper.to_array(item) for item in onnx.load(file).graph.initializer]
    return [array for array in arrays if array.dtype == np.int8 and array.ndim >= 2]


# --- the file --------------------------------------------------------------------------------------------------------


def test_the_file_is_int8_of_opset_13_and_says_so(int8):
    written = onnx.load(int8)
    assert {entry.domain: entry.version for entry in written.opset_import}[""] == 13
    assert written.ir_version == 7
    info = Model.load(int8).info
    assert info is not None
    assert (info.precision, info.classes, info.backbone) == ("int8", ("狗", "猫"), "LeNet")


def test_it_knows_what_the_float_model_knows(int8, trained):
    model = Model.load(int8)
    for label, path in enumerate((trained.dog, trained.cat)):
        result = model.predict([image.read(path)])[0]
        assert result.label == label
        assert result.score > 0.6


def test_it_is_much_smaller(int8, converted):
    assert int8.stat().st_size < 0.4 * converted.file.stat().st_size


def test_weights_are_per_channel_and_of_seven_bits_unless_asked_otherwise(int8, model, trained, workplace):
    assert weights(int8)
    assert all(np.abs(array).max() <= 64 for array in weights(int8))
    full = model.quantize(trained.checkpoint, "full", reduce_range=False)
    assert any(np.abs(array).max() > 64 for array in weights(full))
    axes = [node for node in onnx.load(int8).graph.node if node.op_type == "DequantizeLinear" and node.attribute]
    assert axes, "scales by channel have an axis"


def test_what_decides_is_never_quantised(int8):
    graph = onnx.load(int8).graph
    softmax = next(node for node in graph.node if node.op_type == "Softmax")
    assert softmax.output[0] == graph.output[0].name
    assert not [node for node in graph.node if node.op_type == "QuantizeLinear" and softmax.output[0] in node.input]


# --- from where, to where --------------------------------------------------------------------------------------------


def test_a_finished_onnx_file_becomes_one_beside_it(model, trained, workplace):
    file = model.convert(trained.checkpoint, out_file="出 口/猫")
    assert model.quantize(file) == Path("出 口", "猫_int8.onnx")
    assert Path("出 口", "猫_int8.py").exists()


def test_the_float_file_is_not_overwritten(model, trained, workplace):
    file = model.convert(trained.checkpoint, out_file="m.onnx")
    before = file.read_bytes()
    assert model.quantize(file, out_file="m.onnx") == Path("m_int8.onnx")
    assert file.read_bytes() == before


def test_the_run_just_made_is_quantised(dataset, workplace, quick):
    model = MMClassification("LeNet")
    model.load_dataset(dataset)
    model.train(epochs=2, save_fold="m")
    assert model.quantize(max_drop=100) == Path("convert_model_int8.onnx")


def test_the_table_of_the_documents_is_told(model, trained, workplace, capsys):
    model.quantize(trained.checkpoint, "x")
    lines = capsys.readouterr().out.splitlines()
    head = next(
        number for number, line in enumerate(lines) if line.startswith("| model | data set | size FP32 | INT8 | top-1")
    )
    row = [cell.strip() for cell in lines[head + 2].strip("| ").split("|")]
    assert row[:2] == ["LeNet", "数据 集"]
    assert row[4:8] == ["100.00%"] * 4
    assert all(float(speed) > 0 for speed in row[8:])
    assert lines[head + 1] == "|---" * len(row) + "|"


@pytest.mark.parametrize(("before", "after", "said"), [(1000, 700, True), (1000, 980, False), (1000, 2000, False)])
def test_int8_that_costs_time_is_remarked_on(before, after, said):
    text = slower_text(*(replace(measured(90.0), speed=speed) for speed in (before, after)))
    assert bool(text) is said
    assert not said or ("700" in text and "1000" in text)


# --- what it costs ---------------------------------------------------------------------------------------------------


def measured(top1: float) -> Measurement:
    return Measurement(size=1, quality=(("top-1", top1), ("top-5", 100.0)), speed=1.0, count=10)


def with_scores(monkeypatch, *scores: float) -> list[Path]:
    """Let measurements come out as given; returns the files that were measured."""
    values, files = iter(scores), []

    def measure(_: object, file: Path, *__: object) -> Measurement:
        files.append(onnx.load(file))
        return measured(next(values))

    monkeypatch.setattr(ClassificationEvaluator, "measure", measure)
    return files


def in_float(model: onnx.ModelProto) -> set[str]:
    """Names of layers whose weights are float."""
    floats = {
        item.name for item in model.graph.initializer if item.data_type == onnx.TensorProto.FLOAT and len(item.dims) > 1
    }
    return {node.name for node in model.graph.node if node.op_type in ("Conv", "Gemm") and floats & set(node.input)}


def test_ends_stay_in_float_only_where_that_keeps_the_accuracy(model, trained, workplace, monkeypatch, capsys):
    files = with_scores(monkeypatch, 90.0, 80.0, 89.5)
    model.quantize(trained.checkpoint, "x", calibration="minmax")
    assert in_float(files[1]) == set()
    assert len(in_float(files[2])) == 2
    assert "Left in float" in capsys.readouterr().out


def scales(model: onnx.ModelProto) -> list[float]:
    """Of the activations."""
    names = {node.input[1] for node in model.graph.node if node.op_type == "QuantizeLinear"}
    return [float(numpy_helper.to_array(item)) for item in model.graph.initializer if item.name in names]


def test_other_ranges_are_tried_before_layers_stay_in_float(model, trained, workplace, monkeypatch, capsys):
    files = with_scores(monkeypatch, 90.0, 80.0, 89.5)
    model.quantize(trained.checkpoint, "x")
    assert in_float(files[2]) == set()
    widest, narrower = scales(files[1]), scales(files[2])
    assert all(small <= wide for small, wide in zip(narrower, widest, strict=True))
    assert sum(narrower) < sum(widest), "outliers count less"
    assert "(average)" in capsys.readouterr().out


def test_layers_stay_in_float_with_the_ranges_that_were_best(model, trained, workplace, monkeypatch, capsys):
    files = with_scores(monkeypatch, 90.0, 70.0, 60.0, 80.0, 89.5)
    model.quantize(trained.checkpoint, "x")
    assert [len(in_float(file)) for file in files[1:]] == [0, 0, 0, 2]
    said = capsys.readouterr().out
    assert "(percentile)" in said
    assert "Left in float" in said


def test_a_drop_that_is_too_large_is_refused_and_the_layers_are_named(model, trained, workplace, monkeypatch, refused):
    with_scores(monkeypatch, 90.0, *[70.0] * 9)
    with refused(AccuracyLost) as caught:
        model.quantize(trained.checkpoint, "x", max_drop=2)
    assert "70.00 % top-1 where FP32 has 90.00 %: 20 points less, and max_drop allows 2." in caught.value.message
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (90.0, 89.9, "0.1 points less, and max_drop allows none."),
        (90.0, 89.998, "0.002 points less"),
        (100.0, 0.0, " 100 points less"),
        (90.0, 78.75, " 11.25 points less"),
    ],
)
def test_no_drop_at_all(model, trained, workplace, monkeypatch, refused, before, after, words):
    with_scores(monkeypatch, before, *[after] * 9)
    with refused(AccuracyLost, words):
        model.quantize(trained.checkpoint, "x", max_drop=0)


@pytest.mark.parametrize(
    ("costs", "words"),
    [
        ((0.2, 0.01, 0.0001), "The layers that change the answers most: a (0.200), b (0.010)."),
        ((0.0004, 0.0, 0.0), "No layer alone changes the answers: all of them together do."),
    ],
)
def test_layers_are_named_where_they_explain_the_loss(model, trained, workplace, monkeypatch, refused, costs, words):
    with_scores(monkeypatch, 90.0, *[70.0] * 9)
    ranking = list(zip("abc", costs, strict=True))
    monkeypatch.setattr(Quantizer, "sensitivity", lambda *_: ranking)
    with refused(AccuracyLost) as caught:
        model.quantize(trained.checkpoint, "x")
    assert caught.value.message.endswith(words)
    assert list(workplace.iterdir()) == []


def test_a_drop_that_was_allowed_is_written(model, trained, workplace, monkeypatch):
    with_scores(monkeypatch, 90.0, 70.0)
    assert model.quantize(trained.checkpoint, "x", max_drop=20).exists()


@pytest.mark.parametrize("calibration", ["auto", "minmax", "average", "percentile"])
def test_other_ways_to_find_the_ranges(model, trained, workplace, calibration):
    assert model.quantize(trained.checkpoint, "x", calibration=calibration, images=8).exists()


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"max_drop": -1}, ParameterInvalid, "max_drop=-1"),
        ({"max_drop": "1"}, ParameterInvalid, "max_drop='1'"),
        ({"max_drop": float("nan")}, ParameterInvalid, "max_drop=nan"),
        ({"calibration": "minmx"}, ParameterInvalid, "Did you mean 'minmax'"),
        ({"images": 0}, ParameterInvalid, "images=0"),
        ({"images": True}, ParameterInvalid, "images=True"),
        ({"standalone": 1}, ParameterInvalid, "standalone=1"),
        ({"reduce_range": None}, ParameterInvalid, "reduce_range=None"),
        ({"dataset_path": "nowhere"}, DatasetNotFound, "nowhere"),
        ({"checkpoint": "no.pth"}, CheckpointNotFound, "no.pth"),
        ({"checkpoint": "no.onnx"}, CheckpointNotFound, "no.onnx"),
        ({"checkpoint": 5}, ParameterInvalid, "checkpoint=5"),
        ({"checkpoint": ["m.onnx"]}, ParameterInvalid, "checkpoint=['m.onnx']"),
        ({"checkpoint": b"m.onnx"}, ParameterInvalid, "checkpoint=b'm.onnx'"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(model, trained, workplace, arguments, error, words):
    with pytest.raises(error) as caught:
        model.quantize(**{"checkpoint": trained.checkpoint, "out_file": "x", **arguments})
    assert words in str(caught.value)
    assert list(workplace.iterdir()) == []


def test_a_place_that_cannot_be_written_is_found_before_the_work(model, trained, workplace, refused, monkeypatch):
    monkeypatch.setattr(model, "_load", lambda *_: pytest.fail("work"))
    Path("a").write_text("I am a file", encoding="utf-8")
    with refused(PathNotWritable, "a is a file, not a folder."):
        model.quantize(trained.checkpoint, "a/x.onnx")


def test_a_refused_model_leaves_no_folder(model, trained, workplace, monkeypatch, refused):
    with_scores(monkeypatch, 90.0, *[70.0] * 9)
    with refused(AccuracyLost):
        model.quantize(trained.checkpoint, "新 的/夹/x")
    assert list(workplace.iterdir()) == []


def test_without_a_data_set(trained, workplace, refused):
    with refused(DatasetNotLoaded):
        MMClassification("LeNet").quantize(trained.checkpoint)


def test_a_data_set_of_other_classes(model, trained, make_imagenet, workplace, refused):
    other = make_imagenet(Path("别 的").absolute(), classes=("鸟", "鱼"))
    with refused(ClassCountMismatch) as caught:
        model.quantize(trained.checkpoint, "x", other)
    assert "鱼" in caught.value.message or "鸟" in caught.value.message


def test_what_is_int8_already(model, int8, refused):
    with refused(CheckpointInvalid) as caught:
        model.quantize(int8)
    assert "int8 already" in caught.value.message


def test_a_file_without_what_it_knows(model, converted, workplace, refused):
    bare = onnx.load(converted.file)
    del bare.metadata_props[:]
    onnx.save(bare, "bare.onnx")
    with refused(CheckpointInvalid) as caught:
        model.quantize("bare.onnx")
    assert "nothing of its classes" in caught.value.message


def test_a_file_without_layers(model, converted, workplace, refused):
    flat = helper.make_graph(
        [helper.make_node("Flatten", ["input"], ["flat"]), helper.make_node("Softmax", ["flat"], ["probs"])],
        "flat",
        [helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, [1, 1, 32, 32])],
        [helper.make_tensor_value_info("probs", onnx.TensorProto.FLOAT, [1, 1024])],
    )
    written = helper.make_model(flat, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
    helper.set_model_props(written, {item.key: item.value for item in onnx.load(converted.file).metadata_props})
    onnx.save(written, "flat.onnx")
    with refused(CheckpointInvalid) as caught:
        model.quantize("flat.onnx")
    assert "no layer" in caught.value.message


def renamed(file: Path, place: Path, **changes: str) -> Path:
    """Write a file again as one that says something else of itself."""
    written = onnx.load(file)
    info = ModelInfo.from_metadata({item.key: item.value for item in written.metadata_props})
    assert info is not None
    helper.set_model_props(written, replace(info, **changes).to_metadata())
    onnx.save(written, place)
    return place


@pytest.mark.parametrize("backbone", ["SSD_Lite", ""])
def test_a_detector_is_no_classifier(model, converted, workplace, refused, backbone):
    file = renamed(converted.file, workplace / "检 测.onnx", task="detection", backbone=backbone, kind="detection")
    with refused(TaskMismatch, "检 测.onnx was made for detection, not for classification"):
        model.quantize(file)
    assert list(workplace.iterdir()) == [file]


def test_a_classifier_is_no_detector_and_no_data_set_is_read_to_find_out(converted, refused):
    with refused(TaskMismatch, "was made for classification, not for detection"):
        MMDetection("SSD_Lite").quantize(converted.file)


def test_a_finished_file_of_another_backbone(converted, refused):
    with refused(CheckpointInvalid, "holds a LeNet, but the model is a MobileNet", "Write MMClassification('LeNet')"):
        MMClassification("MobileNet").quantize(converted.file)


def test_a_number_of_classes_that_is_not_the_files(trained, converted, workplace, refused):
    for source in (trained.checkpoint, converted.file):
        with refused(ClassCountMismatch, "num_classes is 7, but", f"{source.name} has 2 classes"):
            MMClassification("LeNet", num_classes=7).quantize(source, "x", trained.dataset)
    assert list(workplace.iterdir()) == []


def test_scripts_without_our_libraries_are_for_classifiers(refused):
    with refused(ParameterInvalid, "standalone=True is for classifiers."):
        MMDetection("SSD_Lite").quantize("no such.onnx", standalone=True)


@pytest.mark.parametrize("name", ["lenet", "", "TheirNet"])
def test_a_name_in_other_letters_none_or_one_that_no_model_of_ours_has(model, converted, workplace, name):
    file = renamed(converted.file, workplace / "m.onnx", backbone=name)
    assert model.quantize(file) == workplace / "m_int8.onnx"


def test_damaged_pictures_are_left_out_and_named(trained, workplace, capsys):
    shutil.copytree(trained.dataset, "set")
    victim = next(Path("set", "val_set", "猫").iterdir())
    victim.write_bytes(victim.read_bytes()[:60])
    MMClassification("LeNet").quantize(trained.checkpoint, "x", "set")
    assert victim.name in capsys.readouterr().out
