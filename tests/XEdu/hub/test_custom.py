"""``task="custom"``: functions of one's own before and behind any model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import models_on_disk as models
from BaseDT.errors import ImageTypeUnsupported, ParameterInvalid
from XEdu.hub import Workflow

TENSOR = np.zeros((1, 3, 16, 16), np.float32)


@pytest.fixture
def workflow(folder: Path) -> Workflow:
    return Workflow(task="custom", checkpoint=models.classifier(folder / "任 意.onnx", known={}))


def of_colour(data: str) -> np.ndarray:
    """A word into the tensor of its colour."""
    blue, green, red = models.COLOURS[data]
    return np.broadcast_to(np.float32([red, green, blue])[None, :, None, None] / 255, (1, 3, 16, 16))


def test_functions_go_before_and_behind(workflow: Workflow) -> None:
    seen = []

    def postprocess(outputs: list[np.ndarray], preprocessed: np.ndarray) -> str:
        seen.append(preprocessed.shape)
        return f"颜色 {int(outputs[0].argmax())}"

    assert workflow.inference("blue", preprocess=of_colour, postprocess=postprocess) == "颜色 2"
    assert seen == [(1, 3, 16, 16)]
    assert workflow.format_output(isprint=False) == "颜色 2"


def test_without_postprocess_the_raw_outputs_come_back(workflow: Workflow) -> None:
    (raw,) = workflow.inference("green", preprocess=of_colour)
    assert raw.argmax() == 1


@pytest.mark.parametrize("data", [TENSOR, {"input": TENSOR}, models.picture("red")], ids=["tensor", "dict", "picture"])
def test_without_functions_tensors_and_pictures_run(workflow: Workflow, data: object) -> None:
    assert workflow.inference(data)[0].shape == (1, 3)


def test_several_inputs_come_as_a_dict(folder: Path) -> None:
    workflow = Workflow("custom", models.of_two_inputs(folder / "x.onnx"))
    result = workflow.inference(
        3, preprocess=lambda number: dict.fromkeys(("left", "right"), np.full((1, 3), number, np.float32))
    )
    assert result[0].tolist() == [[6, 6, 6]]


def test_a_picture_is_handed_out_as_it_was(workflow: Workflow) -> None:
    picture = models.picture("red")
    _, same = workflow.inference(picture, img_type="cv2")
    assert np.array_equal(same, picture)


def test_a_model_that_knows_itself_may_be_used_too(folder: Path) -> None:
    workflow = Workflow("custom", models.classifier(folder / "x.onnx"))
    assert workflow.inference(models.picture("green"))[0].argmax() == 1


def test_a_users_own_error_stays_theirs(workflow: Workflow) -> None:
    with pytest.raises(KeyError, match="purple"):
        workflow.inference("purple", preprocess=of_colour)


@pytest.mark.parametrize("function", [lambda outputs: outputs[0].argmax(), len])
def test_a_postprocess_of_one_argument_is_told_of_the_second(workflow: Workflow, function, refused) -> None:
    with refused(ParameterInvalid, "postprocess", "(outputs, preprocessed)"):
        workflow.inference(TENSOR, postprocess=function)


def test_a_type_error_from_within_a_postprocess_stays_the_users_own(workflow: Workflow) -> None:
    def inner(one: object) -> None:
        raise AssertionError(one)

    with pytest.raises(TypeError, match="inner"):
        workflow.inference(TENSOR, postprocess=lambda outputs, fed: inner(outputs, str(fed)))  # type: ignore[call-arg]


@pytest.mark.parametrize("returned", [None, "text", [1, 2], 3.0])
def test_a_preprocess_that_returns_no_tensor_is_named(workflow: Workflow, returned: object, refused) -> None:
    with refused(ParameterInvalid, "preprocess returned", type(returned).__name__):
        workflow.inference("red", preprocess=lambda _: returned)


def test_a_tensor_that_does_not_fit_is_named(workflow: Workflow, refused) -> None:
    with refused(ParameterInvalid, "float64", "astype"):
        workflow.inference("red", preprocess=lambda _: TENSOR.astype(np.float64))
    with refused(ParameterInvalid, "1 × 3 × 8 × 8"):
        workflow.inference("red", preprocess=lambda _: TENSOR[:, :, :8, :8])


@pytest.mark.parametrize("name", ["preprocess", "postprocess"])
def test_what_is_no_function_is_named(workflow: Workflow, name: str, refused) -> None:
    with refused(ParameterInvalid, name, "function"):
        workflow.inference(TENSOR, **{name: 3})  # type: ignore[arg-type]


def test_data_that_are_nothing_are_named(workflow: Workflow, refused) -> None:
    with refused(ImageTypeUnsupported):
        workflow.inference(None)


def test_a_picture_of_data_that_are_none_cannot_be_drawn(workflow: Workflow, refused) -> None:
    with refused(ImageTypeUnsupported):
        workflow.inference(3, preprocess=lambda _: TENSOR, img_type="cv2")
