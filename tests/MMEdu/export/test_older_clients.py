"""What an export says where the original clients bring pictures into shape otherwise."""

from __future__ import annotations

import pytest

from BaseDT.geometry.fit import Fit
from BaseDT.model_info import ModelInfo
from MMEdu.export.older_clients import remarks
from MMEdu.models import adapting, registry


def said(backbone: str, task: str = "classification", size: int | None = None, fit: Fit | None = None) -> str:
    entry = adapting.adapted(registry.find(backbone, task), image_size=size, fit=fit)
    return " ".join(remarks(ModelInfo(task, entry.name, ("a",), entry.preprocess, task)))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"backbone": "MobileNet"}, "they stretch it and cut off the border, where the model was trained to cut"),
        ({"backbone": "MobileNet", "size": 160}, "they stretch the whole, where the model was trained to cut the mid"),
        ({"backbone": "LeNet", "fit": "letterbox"}, "they stretch the whole, where the model was trained to show"),
        ({"backbone": "ResNet18", "fit": "stretch"}, "cut off the border, where the model was trained to stretch"),
    ],
    ids=str,
)
def test_another_shape_is_said_with_both(arguments: dict[str, object], words: str) -> None:
    assert words in said(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "arguments",
    [
        {"backbone": "LeNet"},
        {"backbone": "SSD_Lite", "task": "detection"},
        {"backbone": "MobileNet", "size": 160, "fit": "stretch"},
    ],
    ids=str,
)
def test_where_they_do_the_same_nothing_is_said(arguments: dict[str, object]) -> None:
    assert said(**arguments) == ""  # type: ignore[arg-type]


def test_who_cannot_feed_it_at_all_is_told_that_alone() -> None:
    assert "cannot feed it rightly" in said("Yolov3", "detection")
