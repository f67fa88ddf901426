"""Calls that cannot be, of documented functions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import BaseDeploy
import models_on_disk as models
from BaseDT.arguments import documented
from BaseDT.data import ImageData
from BaseDT.dataset import DataSet
from BaseDT.errors import ParameterInvalid, ParameterUnknown
from BaseDT.plot import plot_confusion_matrix


@documented
def painted(colour: str, size: int = 3, *, frame: bool = False) -> str:
    return f"{colour} {size} {frame}" + len(size) if size == 0 else f"{colour} {size} {frame}"  # type: ignore[arg-type]


CALLS = {
    "bd()": (lambda folder: BaseDeploy(), "'path'", "load(path, backend='ort'"),  # type: ignore[operator]
    "inference()": (
        lambda folder: BaseDeploy.load(models.classifier(folder / "x.onnx")).inference(),
        "'input_data'",
        "inference(input_data, show=False",
    ),
    "DataSet()": (lambda folder: DataSet(), "'path'", "DataSet(path, type=None)"),
    "make_dataset()": (lambda folder: DataSet("我的 数据").make_dataset(), "'src'", "make_dataset(src"),
    "ImageData()": (lambda folder: ImageData(), "'source'", "ImageData(source"),
    "plot_confusion_matrix(m)": (
        lambda folder: plot_confusion_matrix(np.eye(3)),
        "'predictions'",
        "plot_confusion_matrix(labels, predictions",
    ),
    "too many": (lambda folder: painted("red", 1, 2), "too many", "painted(colour, size=3, *, frame=False)"),
    "twice": (lambda folder: painted("red", colour="blue"), "'colour'", "painted(colour"),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_forgotten_or_surplus_argument_is_named_with_the_way_to_call(call: str, folder: Path, refused) -> None:
    made, *words = CALLS[call]
    with refused(ParameterInvalid, *words):
        made(folder)


def test_a_misspelt_name_is_found_before_a_missing_one(refused) -> None:
    with refused(ParameterUnknown, "color", "'colour'"):
        painted(color="red")  # type: ignore[call-arg]


def test_a_type_error_from_within_stays_what_it_is() -> None:
    with pytest.raises(TypeError, match="len"):
        painted("red", 0)


def test_a_call_that_can_be_is_left_alone() -> None:
    assert painted("red", frame=True) == "red 3 True"
