"""What is fed to a model is checked in our words, on every runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import models_on_disk as models
from BaseDT.errors import ModelUnsupported, ParameterInvalid
from XEdu import runtime
from XEdu.runtime.backend import Backend

GOOD = np.zeros((1, 3, 16, 16), np.float32)
BAD = {
    "float64": (GOOD.astype(np.float64), "float32"),
    "uint8": (GOOD.astype(np.uint8), "uint8"),
    "no batch": (GOOD[0], "3 × 16 × 16"),
    "channels last": (GOOD.transpose(0, 2, 3, 1), "1 × 16 × 16 × 3"),
    "too large": (np.zeros((1, 3, 17, 16), np.float32), "17"),
    "two pictures": (np.zeros((2, 3, 16, 16), np.float32), "2 × 3"),
    "no picture": (np.zeros((0, 3, 16, 16), np.float32), "0 × 3"),
    "a number": (np.zeros((), np.float32), "no axis"),
    "a list": (GOOD.tolist(), "list"),
    "nothing": (None, "NoneType"),
}


@pytest.fixture(params=["onnx", "xml"])
def backend(request: pytest.FixtureRequest, folder: Path) -> Backend:
    model = models.classifier(folder / "x.onnx")
    return runtime.open(model if request.param == "onnx" else models.openvino_of(model, folder / "x.xml"))


@pytest.mark.parametrize("case", BAD)
def test_a_tensor_that_does_not_fit_is_named(backend: Backend, case: str, refused) -> None:
    tensor, word = BAD[case]
    with refused(ParameterInvalid, "'input'", word):
        backend.run({"input": tensor})  # type: ignore[dict-item]


def test_a_bad_tensor_after_a_good_one_is_named_too(backend: Backend, refused) -> None:
    backend.run({"input": GOOD})
    with refused(ParameterInvalid):
        backend.run({"input": BAD["too large"][0]})
    assert backend.run({"input": GOOD})[0].shape == (1, 3)


@pytest.mark.parametrize("names", [(), ("image",), ("input", "image")])
def test_other_names_of_inputs_are_named(backend: Backend, names: tuple[str, ...], refused) -> None:
    with refused(ParameterInvalid, "input"):
        backend.run(dict.fromkeys(names, GOOD))


def test_an_axis_of_any_size_takes_any(folder: Path) -> None:
    backend = runtime.open(models.classifier(folder / "x.onnx", batch="n", size=("h", "w")))
    for shape in ((1, 3, 16, 16), (5, 3, 20, 8)):
        assert backend.run({"input": np.zeros(shape, np.float32)})[0].shape == (shape[0], 3)


def test_no_picture_at_all_is_named(folder: Path, refused) -> None:
    with refused(ParameterInvalid, "0 × 3"):
        runtime.open(models.classifier(folder / "x.onnx", batch="n")).run({"input": BAD["no picture"][0]})


def test_several_inputs_are_fed_by_name(folder: Path, refused) -> None:
    backend = runtime.open(models.of_two_inputs(folder / "x.onnx"))
    one = np.ones((1, 3), np.float32)
    assert backend.run({"right": one * 2, "left": one})[0].tolist() == [[3, 3, 3]]
    with refused(ParameterInvalid, "left, right"):
        backend.run({"left": one})


def test_what_fails_inside_the_model_is_an_error_of_ours(folder: Path, refused) -> None:
    backend = runtime.open(models.classifier(folder / "x.onnx", batch="n", flat=True))
    with refused(ModelUnsupported, "onnxruntime"):  # six values do not fit into three
        backend.run({"input": np.zeros((2, 3, 16, 16), np.float32)})


def test_ncnn_names_an_input_that_it_does_not_have(folder: Path, refused) -> None:
    with refused(ParameterInvalid, "in0"):
        runtime.open(models.ncnn_classifier(folder / "x.ncnn.param")).run({"input": GOOD})


@pytest.mark.parametrize("shape", [(3, 16, 16), (2, 3, 16, 16), (3,)])
def test_ncnn_takes_one_picture_at_a_time(folder: Path, shape: tuple[int, ...], refused) -> None:
    with refused(ParameterInvalid, "'in0'", str(shape[0])):
        runtime.open(models.ncnn_classifier(folder / "x.ncnn.param")).run({"in0": np.zeros(shape, np.float32)})
