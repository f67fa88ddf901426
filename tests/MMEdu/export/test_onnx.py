"""The bytes of an ONNX file: nothing untrue in them, and runtimes with nothing to remark."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from BaseDT.errors import ExportFailed
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from MMEdu.export import onnx as onnx_format
from MMEdu.export.int8 import quantizer
from MMEdu.export.onnx import Version, to_bytes
from MMEdu.models.detection.ssd_lite.network import ssd_lite

RUN = """
import sys
import numpy as np
import onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
for picture in np.load(sys.argv[2]):
    print(session.run(None, {"input": picture[None]})[0].shape)
"""


def detector(size: int, version: Version) -> bytes:
    """A detector that has learnt nothing, and so finds as much as it may, each time another number."""
    torch.manual_seed(0)
    head = ssd_lite(2).export_head().eval()
    return to_bytes(head, torch.zeros(1, 3, size, size), ("dets", "labels"), version, {}, dynamic=False)


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("检 测") / "方 块.onnx"
    file.write_bytes(detector(96, Version(11, 6)))
    return file


@pytest.fixture(scope="module")
def stale(tmp_path_factory) -> Path:
    """The same with the shapes that the tracer saw."""
    file = tmp_path_factory.mktemp("检 测") / "旧 的.onnx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnx_format, "_forget_shapes", lambda _: None)
        file.write_bytes(detector(96, Version(13, 7)))
    return file


def pictures(count: int = 2) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 3, 96, 96)).astype(np.float32)


def test_onnxruntime_with_its_own_settings_has_nothing_to_say(found, tmp_path):
    np.save(tmp_path / "图.npy", pictures())
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(found), str(tmp_path / "图.npy")], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == b""


def test_what_depends_on_the_picture_has_no_fixed_size(found):
    onnx.checker.check_model(onnx.load(found), full_check=True)
    session = onnxruntime.InferenceSession(str(found), providers=["CPUExecutionProvider"])
    shapes = [output.shape for output in session.get_outputs()]
    assert [len(shape) for shape in shapes] == [3, 2]
    assert all(isinstance(shape[1], str) for shape in shapes)


def run(file: Path) -> None:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    for picture in pictures():
        session.run(None, {"input": picture[None]})


def test_what_onnxruntime_remarks_while_ranges_are_found_is_not_shown_and_afterwards_it_is(stale, capfd):
    with quantizer._silence():
        run(stale)
    assert capfd.readouterr().err == ""
    run(stale)
    assert "Shape mismatch" in capfd.readouterr().err


def test_older_files_of_ours_lose_the_shapes_that_are_not_true(stale, tmp_path, capfd):
    info = ModelInfo("detection", "SSD_Lite", ("a", "b"), Preprocess(size=(96, 96)), "detection")
    onnx.save(quantizer._prepared(onnx.load(stale), info.to_metadata()), tmp_path / "新 的.onnx")
    run(tmp_path / "新 的.onnx")
    assert capfd.readouterr().err == ""


# --- what cannot be written ------------------------------------------------------------------------------------------


def test_an_opset_that_cannot_hold_the_model_gives_one_sentence_and_prints_no_graph(refused, capfd):
    with refused(ExportFailed) as caught:
        detector(96, Version(9, 6))
    assert caught.value.message.startswith(
        "The model cannot be written with opset 9: Unsupported: ONNX export of Slice"
    )
    assert caught.value.message.endswith("export to a higher opset version.")
    assert "[" not in caught.value.message
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "RuntimeError."),
        ("No such operator.\nInputs: #0", "No such operator."),
        ("Why not. [Caused by the value '1 defined in (%1 : int)']", "Why not."),
        ("word " * 100, "word …."),
    ],
)
def test_a_reason_is_a_sentence(said, told):
    message = onnx_format._export_failed(9, RuntimeError(said)).message
    assert message.endswith(f" {told}")
    assert len(message) < 400


class Padded(torch.nn.Module):
    """A convolution of stride 2 on a picture that was padded by hand, as TensorFlow's "same" does."""

    def __init__(self, pad: tuple[int, ...], own: int, value: float, mode: str) -> None:
        super().__init__()
        self.pad, self.value, self.mode = pad, value, mode
        self.convolution = torch.nn.Conv2d(3, 4, 3, 2, padding=own)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        value = self.value if self.mode == "constant" else None
        return self.convolution(torch.nn.functional.pad(pictures, self.pad, self.mode, value))


@pytest.mark.parametrize("opset", [9, 11, 17])
@pytest.mark.parametrize(
    ("pad", "own", "value", "mode"),
    [
        ((0, 1, 0, 1), 0, 0.0, "constant"),
        ((1, 0, 2, 0), 0, 0.0, "constant"),
        ((0, 1, 0, 1), 1, 0.0, "constant"),  # some versions of onnxslim forgot the convolution's own padding
        ((0, -1, 1, 1), 0, 0.0, "constant"),  # some wrote what no runtime takes
        ((0, 1, 0, 1), 0, 1.0, "constant"),
        ((0, 1, 0, 1), 0, 0.0, "reflect"),
    ],
)
def test_padding_by_hand_stays_on_its_side(pad, own, value, mode, opset, tmp_path):
    torch.manual_seed(0)
    network, pictures = Padded(pad, own, value, mode).eval(), torch.randn(1, 3, 9, 9)
    data = to_bytes(network, pictures, ("output",), Version(opset, 8), {}, dynamic=False)
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        expected = network(pictures).numpy()
    np.testing.assert_allclose(session.run(None, {"input": pictures.numpy()})[0], expected, atol=1e-5)
