"""Calls that cannot be, of documented functions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import BaseDeploy
import models_on_disk as models
from BaseDT import arguments
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


@pytest.mark.parametrize(
    ("check", "value", "plain"),
    [
        (arguments.check_integer, np.int64(3), 3),
        (arguments.check_number, np.float32(0.5), 0.5),
        (arguments.check_number, np.array(2), 2),
        (arguments.check_number, 7, 7),
        (arguments.checked_threshold, np.float64(1), 1.0),
        (arguments.checked_threshold, 0, 0.0),
        (arguments.checked_flag, True, True),
        (arguments.checked_seed, np.int8(-1), -1),
        (arguments.checked_path, Path("我的 图"), Path("我的 图")),
    ],
)
def test_numbers_of_numpy_are_numbers_and_come_back_as_pythons(check, value: object, plain: object) -> None:
    checked = check("x", value)
    assert checked == plain
    assert type(checked) is type(plain)


@pytest.mark.parametrize(
    ("check", "values", "words"),
    [
        (arguments.check_integer, (0, 1.0, True, "1", None, 2**63, np.bool_(True)), "a whole number, at least 1"),
        (
            lambda name, value: arguments.check_integer(name, value, least=2, most=5),
            (1, 6, 3.0),
            "a whole number from 2 to 5",
        ),
        (
            lambda name, value: arguments.check_number(name, value, above=0),
            (0, -1, float("nan"), float("inf"), 1e31, "1", True, None, np.array([1]), 1j),
            "a number > 0",
        ),
        (
            lambda name, value: arguments.check_number(name, value, above=0, most=9),
            (0, 9.5),
            "a number > 0 and <= 9",
        ),
        (arguments.check_number, ("x", None), "a number"),
        (arguments.checked_threshold, (-0.1, 1.1, "0.5", True), "a number from 0 to 1"),
        (arguments.checked_flag, (0, 1, None, "True", np.bool_(True)), "True or False"),
        (arguments.checked_path, ("", " ", 3, None, "a\0b", b"x"), "a path"),
        (arguments.checked_seed, (0.5, "1", True), "a whole number"),
        (
            lambda name, value: arguments.check_choice(name, value, (1, "auto")),
            (True, 2, "aut", None),
            "one of 1, 'auto'",
        ),
    ],
)
def test_a_bad_value_is_shown_with_what_would_do(check, values, words: str, refused) -> None:
    for value in values:
        with refused(ParameterInvalid, "x=", "cannot be used", f"x must be {words}"):
            check("x", value)


def test_a_choice_that_is_misspelt_is_offered(refused) -> None:
    assert arguments.check_choice("method", "pca", ("pca", "tsne")) == "pca"
    assert arguments.checked_name("method", " PCA ", {"pca": "pca", "t-sne": "tsne"}) == "pca"
    with refused(ParameterInvalid, "'tsne'"):
        arguments.check_choice("method", "tsnee", ("pca", "tsne"))
    with refused(ParameterInvalid, "'tsne'"):
        arguments.checked_name("method", "tsnee", {"pca": "pca", "t-sne": "tsne"})


def test_a_long_value_is_shown_by_its_beginning(refused) -> None:
    with refused(ParameterInvalid, "cannot be used") as caught:
        arguments.checked_flag("show", list(range(1000)))
    assert len(str(caught.value)) < 200
