"""Which task a folder is for, where several recognise it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from MMEdu.tasks import registry
from MMEdu.tasks.spec import TaskSpec


@pytest.fixture
def narrower() -> Iterator[TaskSpec]:
    """A task that recognises every set for detection; its name comes after it."""
    spec = replace(registry.find("detection"), name="xylophone", narrower_than=("detection",))
    registry.register(spec)
    yield spec
    registry.unregister(spec)


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    for name in ("annotations", "images"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_the_narrower_of_two_tasks_gets_the_folder(narrower: TaskSpec, boxes: Path) -> None:
    assert registry.of_dataset(boxes) == narrower
    registry.unregister(narrower)
    assert registry.of_dataset(boxes).name == "detection"


def test_tasks_that_name_each_other_are_asked_in_their_order(narrower: TaskSpec, boxes: Path) -> None:
    registry.unregister(narrower)
    twins = [replace(narrower, name=name, narrower_than=("detection", "aa", "ab")) for name in ("aa", "ab")]
    try:
        for spec in twins:
            registry.register(spec)
        assert registry.of_dataset(boxes).name == "detection"
    finally:
        for spec in twins:
            registry.unregister(spec)


def test_what_no_task_recognises_is_the_default_one_s(narrower: TaskSpec, tmp_path: Path) -> None:
    assert registry.of_dataset(tmp_path).name == registry.DEFAULT_TASK
