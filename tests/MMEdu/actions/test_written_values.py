"""What one writes on a command line: values, columns, rows, layers; nothing of it is evaluated."""

from __future__ import annotations

import pytest

from BaseDT.errors import ParameterInvalid
from MMEdu.actions.written_values import columns_of, layer_of, named_values, rows_of, value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        (" 0.5 ", 0.5),
        ("1e-3", 0.001),
        ("True", True),
        ("none", None),
        ("rbf", "rbf"),
        ("4,10", (4, 10)),
        ("(None, 10)", (None, 10)),
        ("[3,3]", (3, 3)),
        ("__import__('os')", "__import__('os')"),
        ("", ""),
    ],
)
def test_a_text_becomes_the_value_that_is_meant(text: str, value: object):
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


def test_values_are_told_by_their_names():
    assert named_values(["max_depth=3", "criterion = gini"]) == {"max_depth": 3, "criterion": "gini"}
    for bad in ("max_depth", "=3", "a b=3", "1x=2"):
        with pytest.raises(ParameterInvalid, match="is no name=value"):
            named_values([bad])
    with pytest.raises(ParameterInvalid, match="comes twice"):
        named_values(["a=1", "a=2"])


def test_columns_are_numbers_or_names():
    assert columns_of("0, 2,-1,花瓣 长度") == [0, 2, -1, "花瓣 长度"]


def test_rows_are_numbers():
    assert rows_of(["5.1,3.5", "[1， 2]"]) == [[5.1, 3.5], [1.0, 2.0]]
    for bad in ("5.1;3.5", "", "a,b"):
        with pytest.raises(ParameterInvalid, match="no row of numbers"):
            rows_of([bad])


def test_a_layer_is_a_name_arguments_and_an_activation():
    wanted = {"layer": "conv2d", "activation": "relu", "arguments": {"size": (1, 8), "kernel_size": 3}}
    assert layer_of("conv2d size=1,8 kernel_size=3 relu") == wanted
    assert layer_of("conv2d activation=relu size=1,8 kernel_size=3") == wanted
    assert layer_of("reshape") == {"layer": "reshape", "activation": "", "arguments": {}}


@pytest.mark.parametrize("text", ["", "size=3", "linear relu softmax", "linear relu activation=relu"])
def test_what_is_no_layer_is_refused(text: str):
    with pytest.raises(ParameterInvalid, match="is no layer") as caught:
        layer_of(text)
    assert "linear size=10 relu" in caught.value.hint
