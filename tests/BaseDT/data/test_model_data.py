"""What an exported model knows of itself, read without a runtime; and files that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from BaseDT import legacy, onnx_file
from BaseDT.data import ImageData, ModelData
from BaseDT.errors import CheckpointInvalid, CheckpointNotFound, ModelUnsupported, ParameterInvalid, ParameterUnknown
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess

PREPROCESS = Preprocess((48, 64), resize="short_side", resize_to=72)
INFO = ModelInfo("classification", "MobileNet", ("猫", "狗"), PREPROCESS, "classification", tool="MMEdu")
OLD = {"MODEL_INFO": json.dumps({"codebase": "MMCls", "modelname": "MobileNet", "classes": ["cat", "dog"]})}


def _model(path: Path, metadata: dict[str, str], shape: tuple[Any, ...] = (1, 3, 48, 64), weights: int = 4) -> Path:
    values = helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)
    result = helper.make_tensor_value_info("probs", TensorProto.FLOAT, shape)
    big = onnx.numpy_helper.from_array(np.ones(weights, np.float32), "w")
    graph = helper.make_graph([helper.make_node("Identity", ["input"], ["probs"])], "g", [values], [result], [big])
    opsets = [helper.make_opsetid("", 11), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=6)
    helper.set_model_props(model, metadata)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
    return path


def test_our_own_file_says_everything(tmp_path: Path) -> None:
    data = ModelData(_model(tmp_path / "模 型" / "猫狗.onnx", INFO.to_metadata()))
    assert data.info == INFO
    assert data.get_labels() == ["猫", "狗"]
    assert data.get_modelname() == "MobileNet"
    assert data.get_codebase() == "MMCls"
    assert data.get_preprocess() == PREPROCESS


def test_its_pictures_become_the_pixels_of_training(tmp_path: Path) -> None:
    data = ModelData(str(_model(tmp_path / "x.onnx", INFO.to_metadata())))
    photo = np.random.default_rng(0).integers(0, 256, (90, 70, 3), dtype=np.uint8)
    assert ImageData(photo, preprocess=data).to_tensor().tobytes() == PREPROCESS(photo).tobytes()


def test_a_file_of_the_original_tools_gets_the_preprocessing_of_its_name(tmp_path: Path) -> None:
    data = ModelData(_model(tmp_path / "old.onnx", OLD, (1, 3, 224, 224)))
    assert (data.get_labels(), data.get_modelname(), data.get_codebase()) == (["cat", "dog"], "MobileNet", "MMCls")
    assert data.get_preprocess() == legacy.preprocess_of("MobileNet")


def test_another_kind_of_the_original_tools_is_told_by_its_codebase(tmp_path: Path) -> None:
    written = {"MODEL_INFO": json.dumps({"codebase": "MMPose", "modelname": "HRNet", "classes": ["person"]})}
    data = ModelData(_model(tmp_path / "pose.onnx", written))
    assert data.info is None
    assert (data.get_labels(), data.get_modelname(), data.get_codebase()) == (["person"], "HRNet", "MMPose")


def test_a_foreign_file_tells_only_the_size_of_its_input(tmp_path: Path) -> None:
    data = ModelData(_model(tmp_path / "foreign.onnx", {}, (None, 1, 20, 30)))
    assert data.info is None
    preprocess = data.get_preprocess()
    assert (preprocess.size, preprocess.channels) == ((20, 30), 1)
    for ask, what in ((data.get_labels, "class names"), (data.get_modelname, "name"), (data.get_codebase, "codebase")):
        with pytest.raises(CheckpointInvalid, match=what):
            ask()


def test_a_foreign_file_of_any_size_asks_for_one(tmp_path: Path) -> None:
    data = ModelData(_model(tmp_path / "any.onnx", {}, ("n", 3, "h", "w")))
    with pytest.raises(CheckpointInvalid, match=r"(?s)which pixels.*size="):
        data.get_preprocess()


@pytest.mark.parametrize("text", ["", "{", "[]", "7", json.dumps({"classes": "cat", "codebase": 3})])
def test_properties_that_say_nothing_are_no_crash(tmp_path: Path, text: str) -> None:
    data = ModelData(_model(tmp_path / "x.onnx", {"MODEL_INFO": text}))
    assert data.info is None
    with pytest.raises(CheckpointInvalid, match="class names"):
        data.get_labels()
    with pytest.raises(CheckpointInvalid, match=r"坏\.onnx is damaged"):
        ModelData(_model(tmp_path / "坏.onnx", {**OLD, "mmedu": text}))


def test_a_file_of_a_newer_version_says_so(tmp_path: Path) -> None:
    written = {**OLD, "mmedu": json.dumps({**INFO.to_dict(), "format": 2})}
    with pytest.raises(ModelUnsupported, match=r"(?s)新\.onnx.*newer mmedu.*pip install -U"):
        ModelData(_model(tmp_path / "新.onnx", written))


@pytest.mark.parametrize("name", ["x.ncnn.param", "x.ncnn.bin", "x.engine"])
def test_formats_without_properties_have_them_beside(tmp_path: Path, name: str) -> None:
    path = tmp_path / "模 型" / name
    path.parent.mkdir()
    path.write_bytes(b"7767517\n")
    beside = "x.engine.json" if name == "x.engine" else "x.ncnn.json"
    assert ModelData(path).info is None
    (path.parent / beside).write_text(json.dumps({**INFO.to_metadata(), "inputs": "[]"}), encoding="utf-8")
    assert ModelData(path).info == INFO
    assert ModelData(path).get_labels() == ["猫", "狗"]
    plain = {**INFO.to_metadata(), "mmedu": INFO.to_dict()}
    (path.parent / beside).write_text(json.dumps(plain), encoding="utf-8")
    assert ModelData(path).info == INFO


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe\x00"])
def test_damaged_properties_beside_a_model_are_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.ncnn.param").write_bytes(b"7767517\n")
    (tmp_path / "x.ncnn.json").write_bytes(content)
    with pytest.raises(CheckpointInvalid, match=r"x\.ncnn\.json"):
        ModelData(tmp_path / "x.ncnn.param")


def test_an_openvino_file_keeps_its_properties_in_its_own_place(tmp_path: Path) -> None:
    openvino = pytest.importorskip("openvino")
    model = openvino.Core().read_model(_model(tmp_path / "x.onnx", {}).read_bytes())
    for key, value in INFO.to_metadata().items():
        model.set_rt_info(value, ["mmedu_metadata", key])
    openvino.save_model(model, tmp_path / "x.xml")
    assert ModelData(tmp_path / "x.xml").info == INFO
    half = (tmp_path / "x.xml").read_bytes()
    (tmp_path / "x.xml").write_bytes(half[: len(half) // 2])
    with pytest.raises(CheckpointInvalid, match="OpenVINO"):
        ModelData(tmp_path / "x.xml")


# The header of an ONNX file


def test_the_header_says_versions_and_inputs(tmp_path: Path) -> None:
    header = onnx_file.read(_model(tmp_path / "x.onnx", {"键": "值", "": ""}, ("n", 3, None, 5)))
    assert header == onnx_file.Header(
        6, {"ai.onnx": 11, "com.microsoft": 1}, {"键": "值", "": ""}, {"input": (None, 3, None, 5)}
    )


def test_the_weights_are_skipped(tmp_path: Path) -> None:
    path = _model(tmp_path / "big.onnx", OLD, weights=3_000_000)
    read: list[int] = []
    real = Path.open

    class Counting:
        def __init__(self, file: Any) -> None:
            self._file = file

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def read(self, size: int) -> bytes:
            read.append(size)
            return bytes(self._file.read(size))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", lambda path, mode: Counting(real(path, mode)))
        assert onnx_file.read(path) is not None
    assert sum(read) < 2000


def test_half_a_file_is_none(tmp_path: Path) -> None:
    whole = _model(tmp_path / "x.onnx", OLD).read_bytes()
    for length in range(len(whole)):
        (tmp_path / "half.onnx").write_bytes(whole[:length])
        header = onnx_file.read(tmp_path / "half.onnx")
        assert header is None or header.inputs == {"input": (1, 3, 48, 64)}  # cut between two fields


# Bad input


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"hello", b"PK\x03\x04" + b"x" * 200, b"\xff" * 64, b"\x08\x06"])
def test_what_is_no_onnx_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.onnx").write_bytes(content)
    with pytest.raises(CheckpointInvalid, match=r"x\.onnx is no whole ONNX file"):
        ModelData(tmp_path / "x.onnx")


@pytest.mark.parametrize("name", ["model.pth", "model", "model.onnx.txt"])
def test_another_kind_of_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(CheckpointInvalid, match="unknown suffix"):
        ModelData(tmp_path / name)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointInvalid, match="a folder"):
        ModelData(tmp_path)


def test_a_missing_file_is_answered_with_the_nearest(tmp_path: Path) -> None:
    _model(tmp_path / "cats.onnx", {})
    with pytest.raises(CheckpointNotFound, match=r"(?s)cat\.onnx.*'cats\.onnx'"):
        ModelData(tmp_path / "cat.onnx")
    with pytest.raises(CheckpointNotFound, match="No such model file"):
        ModelData(tmp_path / "no" / "folder.onnx")
    with pytest.raises(CheckpointNotFound):
        ModelData(tmp_path / ("n" * 5000 + ".onnx"))


@pytest.mark.parametrize("path", [None, 7, b"x.onnx", "a\0b.onnx"])
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises((ParameterInvalid, CheckpointNotFound)):
        ModelData(path)


def test_a_misspelt_argument_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterUnknown, match=r"ModelData\(\)"):
        ModelData("x.onnx", classes=3)  # type: ignore[call-arg]
