"""docs/layers.md lists every layer, and its examples can be laid."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from BaseNN.layers.activations import ACTIVATIONS
from BaseNN.layers.kind import Surroundings, all_kinds
from BaseNN.layers.stack import Stack
from BaseNN.learning.optimizer_names import OPTIMIZERS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "layers.md").read_text("utf-8")
ROWS = re.findall(r"^\| (`.*?) \|.*\| `(.*)` \|$", DOCUMENT, re.MULTILINE)


def test_every_name_is_there() -> None:
    assert {name for names, _ in ROWS for name in re.findall("`(.*?)`", names)} == set(all_kinds())
    assert all(f"`{name}`" in DOCUMENT for name in (*ACTIVATIONS, *OPTIMIZERS))


@pytest.mark.parametrize("example", [*(row[1] for row in ROWS), *(kind.example for kind in all_kinds().values())])
def test_examples_can_be_laid(example: str) -> None:
    call = ast.parse(example, mode="eval").body
    assert isinstance(call, ast.Call)
    arguments = {item.arg or "": ast.literal_eval(item.value) for item in call.keywords}
    assert Stack().add(ast.literal_eval(call.args[0]), None, arguments).layers


def test_the_message_is_the_one_that_is_shown() -> None:
    stack = Stack(Surroundings((1, 28, 28))).add("conv2d", "relu", {"size": (1, 6), "kernel_size": 5})
    stack = stack.add("maxpool", None, {"kernel_size": 2})
    with pytest.raises(ValueError, match="Layer 3") as caught:
        stack.add("linear", "softmax", {"size": (400, 10)})
    assert str(caught.value) in DOCUMENT
