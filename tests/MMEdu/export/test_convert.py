"""``model.convert``: files by their names, versions that were asked for, parity, metadata, nothing half."""

from __future__ import annotations

import importlib
import inspect
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from BaseDT import image
from BaseDT.errors import (
    CheckpointInvalid,
    CheckpointNotFound,
    ClassCountMismatch,
    DependencyMissing,
    ExportDiffers,
    ModelUnsupported,
    ParameterInvalid,
    ParameterUnknown,
    PathNotWritable,
)
from BaseDT.model_info import ModelInfo
from MMEdu import MMClassification, MMDetection
from MMEdu.export import parity
from MMEdu.tasks.classification import signature
from XEdu.runtime.model import Model

BACKENDS = {"ONNX": ".onnx", "NCNN": ".ncnn.param", "OpenVINO": ".xml"}


@pytest.fixture
def model() -> MMClassification:
    return MMClassification("LeNet")


# --- what is documented ----------------------------------------------------------------------------------------------


def test_the_documented_arguments_in_their_order_with_their_defaults():
    parameters = list(inspect.signature(MMClassification.convert).parameters.values())[1:7]
    assert [(p.name, p.default) for p in parameters] == [
        ("checkpoint", None),
        ("backend", "ONNX"),
        ("out_file", "convert_model.onnx"),
        ("opset_version", 11),
        ("ir_version", 6),
        ("class_path", None),
    ]


def test_the_default_writes_into_the_working_directory(model, trained, workplace):
    file = model.convert(trained.checkpoint)
    assert file == Path("convert_model.onnx")
    assert {item.name for item in workplace.iterdir()} == {"convert_model.onnx", "convert_model.py"}


def test_opset_and_ir_are_those_that_were_asked_for(converted):
    written = onnx.load(converted.file)
    assert [(entry.domain, entry.version) for entry in written.opset_import] == [("", 11)]
    assert written.ir_version == 6
    assert [item.name for item in written.graph.input] == ["input"]
    assert [item.name for item in written.graph.output] == ["probs"]


def test_the_end_tells_size_versions_place_and_parity(converted):
    size = converted.file.stat().st_size / 1e6
    assert f"Converted: {converted.file} ({size:.1f} MB, opset 11, IR 6)." in converted.said
    assert "On 8 pictures it agrees with the trained model within" in converted.said


def test_a_suffix_is_completed_and_folders_are_made(converted):
    assert converted.file.name == "猫 狗.onnx"
    assert converted.file.parent.name == "out_file"


@pytest.mark.parametrize(("backend", "suffix"), BACKENDS.items())
def test_every_format_says_what_training_says(model, trained, workplace, backend, suffix):
    file = model.convert(trained.checkpoint, backend.lower(), Path("出 口", "猫"))
    assert file == Path("出 口", f"猫{suffix}")
    exported = Model.load(file)
    assert exported.info is not None
    assert exported.info.classes == ("狗", "猫")
    for path in (trained.dog, trained.cat):
        expected = model.inference(image=path, checkpoint=trained.checkpoint, show=False)
        result = exported.predict([image.read(path)])[0]
        assert result.label == expected["pred_label"]
        assert result.score == pytest.approx(expected["pred_score"], abs=1e-4)


def test_files_of_several_formats_live_side_by_side(model, trained, workplace):
    for backend in BACKENDS:
        model.convert(trained.checkpoint, backend, f"模型{BACKENDS[backend]}")
    names = {item.name for item in workplace.iterdir()}
    scripts = {"模型.py", "模型_ncnn.py", "模型_openvino.py"}
    assert (
        names == {"模型.onnx", "模型.ncnn.param", "模型.ncnn.bin", "模型.ncnn.json", "模型.xml", "模型.bin"} | scripts
    )


def test_a_suffix_of_another_format_is_replaced(model, trained, workplace):
    assert model.convert(trained.checkpoint, "NCNN") == Path("convert_model.ncnn.param")


def test_a_dynamic_file_takes_any_number_of_pictures(model, trained, workplace):
    file = model.convert(trained.checkpoint, out_file="d", dynamic=True)
    exported = Model.load(file)
    assert exported.backend.inputs[0].shape == (None, 1, 32, 32)
    pictures = [image.read(path) for path in (trained.dog, trained.cat, trained.dog)]
    assert [result.label for result in exported.predict(pictures)] == [0, 1, 0]
    tensors = np.concatenate([exported.tensor(picture) for picture in pictures])
    assert exported.run(tensors)[0].shape == (3, 2)


def test_a_fixed_batch_of_one_is_the_default(converted):
    assert Model.load(converted.file).backend.inputs[0].shape == (1, 1, 32, 32)


def test_other_names_for_the_classes(model, trained, workplace):
    Path("classes.txt").write_text("dog\ncat\n", encoding="utf-8")
    file = model.convert(trained.checkpoint, class_path="classes.txt", out_file="x")
    info = Model.load(file).info
    assert info is not None
    assert info.classes == ("dog", "cat")


def test_num_classes_is_not_needed_and_the_run_just_made_is_converted(dataset, workplace, quick):
    model = MMClassification("LeNet")
    model.load_dataset(dataset)
    model.train(epochs=1, save_fold="m")
    assert model.convert(out_file="n").exists()


def test_a_higher_opset_with_its_ir(model, trained, workplace):
    written = onnx.load(model.convert(trained.checkpoint, out_file="o", opset_version=17, ir_version=8))
    assert (written.opset_import[0].version, written.ir_version) == (17, 8)


# --- what a file knows of itself -------------------------------------------------------------------------------------


def test_the_documented_key_is_ascii_and_names_what_older_clients_need(converted):
    metadata = Model.load(converted.file).backend.metadata
    assert metadata["MODEL_INFO"].isascii()
    # The original clients decode it this way.
    told = json.loads(metadata["MODEL_INFO"].encode().decode("unicode_escape"))
    assert told == {"codebase": "MMCls", "modelname": "LeNet", "classes": ["狗", "猫"]}


def test_our_own_key_holds_everything(converted, trained):
    info = ModelInfo.from_metadata(Model.load(converted.file).backend.metadata)
    assert info is not None
    assert (info.task, info.backbone, info.classes) == ("classification", "LeNet", ("狗", "猫"))
    assert info.preprocess is not None
    assert info.preprocess.size == (32, 32)
    assert info.precision == "float32"


# --- parity ----------------------------------------------------------------------------------------------------------


def test_a_file_that_says_something_else_is_an_error_and_is_not_written(
    model, trained, workplace, refused, monkeypatch
):
    right = signature.signature
    monkeypatch.setattr(signature, "signature", lambda *given: replace(right(*given), difference=lambda *_: 0.1))
    with refused(ExportDiffers):
        model.convert(trained.checkpoint, out_file="新 的/夹/x")
    assert list(workplace.iterdir()) == []


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"backend": "ONX"}, ParameterInvalid, "Did you mean 'ONNX'"),
        ({"backend": 3}, ParameterInvalid, "Choose one of: ONNX, NCNN, OpenVINO, TensorRT"),
        ({"opset_version": 8}, ParameterInvalid, "from 9 to 20"),
        ({"opset_version": 99}, ParameterInvalid, "from 9 to 20"),
        ({"opset_version": "11"}, ParameterInvalid, "opset_version='11'"),
        ({"opset_version": 13}, ParameterInvalid, "ir_version=7"),
        ({"ir_version": 2}, ParameterInvalid, "ir_version=2"),
        ({"ir_version": 99}, ParameterInvalid, "ir_version=99"),
        ({"out_file": "."}, PathNotWritable, "is a folder"),
        ({"out_file": 7}, ParameterInvalid, "out_file=7"),
        ({"out_file": "a\0b"}, ParameterInvalid, "out_file"),
        ({"out_file": ""}, ParameterInvalid, "Name a file, e.g. out_file/model.onnx"),
        ({"out_file": " "}, ParameterInvalid, "Name a file"),
        ({"out_file": b"x.onnx"}, ParameterInvalid, "Name a file"),
        ({"out_file": ".onnx"}, ParameterInvalid, "out_file='.onnx' is a suffix without a name."),
        ({"out_file": "a/.ONNX"}, ParameterInvalid, "Name a file"),
        ({"out_file": ".ncnn.bin", "backend": "NCNN"}, ParameterInvalid, "e.g. out_file/model.ncnn.param"),
        ({"dynamic": "yes"}, ParameterInvalid, "dynamic='yes'"),
        ({"standalone": 1}, ParameterInvalid, "standalone=1"),
        ({"backend": "NCNN", "dynamic": True}, ParameterInvalid, "NCNN files take one picture at a time."),
        ({"backend": "TensorRT", "dynamic": True}, ParameterInvalid, "TensorRT files take one picture at a time."),
        ({"checkpoint": "no such.pth"}, CheckpointNotFound, "no such.pth"),
        ({"class_path": "no such.txt"}, FileNotFoundError, "no such.txt"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(model, trained, workplace, arguments, error, words):
    with pytest.raises(error) as caught:
        model.convert(**{"checkpoint": trained.checkpoint, "out_file": "x", **arguments})
    assert words in str(caught.value)
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize("backend", ["OpenVINO", "NCNN", "TensorRT"])
def test_scripts_without_our_libraries_are_for_onnx_files_and_no_checkpoint_is_read_to_say_so(
    model, workplace, refused, backend
):
    with refused(ParameterInvalid, f"standalone=True is for ONNX files, not for {backend}."):
        model.convert("no such.pth", backend, "x", standalone=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"standalone": True}, "standalone=True is for classifiers."),
        ({"dynamic": True}, "Files of this task (detection) take one picture at a time."),
    ],
)
def test_what_detectors_do_not_have(workplace, refused, arguments, words):
    with refused(ParameterInvalid, words):
        MMDetection("SSD_Lite").convert("no such.pth", out_file="x", **arguments)


@pytest.mark.parametrize("number", [7, "two"])
def test_a_number_of_classes_that_is_not_the_checkpoints(trained, workplace, refused, number):
    with refused(ClassCountMismatch, f"num_classes is {number!r}, but", "latest.pth has 2 classes: 狗, 猫."):
        MMClassification("LeNet", num_classes=number).convert(trained.checkpoint)
    assert list(workplace.iterdir()) == []
    assert MMClassification("LeNet", num_classes=2).convert(trained.checkpoint).exists()


def test_an_ir_that_this_machine_cannot_run_is_said_of_the_file_that_was_asked_for(
    model, trained, workplace, refused, monkeypatch
):
    monkeypatch.setattr(parity, "check", lambda *_: pytest.fail("it runs here"))

    def too_new(file: Path) -> None:
        raise ModelUnsupported(f"{file.name} has IR version 14.", hint="Convert it again.")

    monkeypatch.setattr("XEdu.runtime.open", too_new)
    with refused(ModelUnsupported, "猫 狗.onnx has IR version 14."):
        model.convert(trained.checkpoint, out_file="猫 狗", ir_version=10)
    assert list(workplace.iterdir()) == []


def test_an_unknown_argument_offers_the_right_one(model, refused):
    with refused(ParameterUnknown) as caught:
        model.convert(opset=11)
    assert "opset_version" in caught.value.hint


def test_a_checkpoint_of_another_backbone(trained, workplace, refused):
    with refused(CheckpointInvalid) as caught:
        MMClassification("MobileNet").convert(trained.checkpoint)
    assert "LeNet" in caught.value.message


def test_without_a_checkpoint(model, workplace, refused):
    with refused(CheckpointNotFound):
        model.convert()


def test_tensorrt_where_there_is_none(model, trained, workplace, refused):
    with refused(DependencyMissing) as caught:
        model.convert(trained.checkpoint, "TensorRT", "x")
    assert "pip install tensorrt" in caught.value.hint
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize(("backend", "package"), [("NCNN", "pnnx"), ("OpenVINO", "openvino")])
def test_a_backend_that_is_not_installed_answers_with_its_install_line(
    model, trained, workplace, refused, monkeypatch, backend, package
):
    module = importlib.import_module(f"MMEdu.export.{backend.lower()}")
    find = module.find_spec
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == package else find(name))
    with refused(DependencyMissing) as caught:
        model.convert(trained.checkpoint, backend, "x")
    assert 'pip install "mmedu[' in caught.value.hint


def test_an_out_file_below_a_file_cannot_be_written(model, trained, workplace, refused):
    Path("a").write_text("I am a file", encoding="utf-8")
    with refused(PathNotWritable, "a is a file, not a folder."):
        model.convert(trained.checkpoint, out_file=Path("a", "x.onnx"))
    assert [item.name for item in workplace.iterdir()] == ["a"]


def test_a_place_that_cannot_be_written_is_found_before_the_checkpoint_is_read(model, workplace, refused):
    Path("猫.bin").mkdir()
    with refused(PathNotWritable, "Cannot write 猫.bin: Is a directory."):
        model.convert("no such.pth", "OpenVINO", "猫")
    assert [item.name for item in workplace.iterdir()] == ["猫.bin"]


SLOW = """
import sys, time
from pathlib import Path
from MMEdu import MMClassification, MMDetection
from MMEdu.export import parity
from MMEdu.tasks.classification import signature
def slowly(self, target):
    print("renaming", flush=True)
    time.sleep(60)
Path.replace = slowly
MMClassification("LeNet").convert(sys.argv[1], out_file="x")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupted_export_leaves_no_half_file(trained, workplace):
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(trained.checkpoint)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        while b"renaming" not in process.stdout.readline():
            assert process.poll() is None
        assert [item.suffix for item in workplace.iterdir()] == [".tmp"]
        process.send_signal(signal.SIGINT)
        process.wait(20)
    deadline = time.monotonic() + 5
    while list(workplace.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(workplace.iterdir()) == []
