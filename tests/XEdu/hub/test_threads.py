"""One ``Workflow`` in several threads: each speaks of its own result."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import models_on_disk as models
from BaseDT.errors import ImageNotFound, NothingToShow
from XEdu.hub import Workflow

_THREADS = 8


@pytest.fixture
def workflow(folder: Path) -> Workflow:
    """A classifier of colours."""
    return Workflow(task="mmedu", checkpoint=str(models.classifier(folder / "颜 色.onnx")))


def test_each_thread_speaks_of_its_own_result(workflow: Workflow) -> None:
    together = threading.Barrier(_THREADS)
    colours = list(models.COLOURS)

    def work(number: int) -> list[tuple[int, int]]:
        said = []
        for turn in range(20):
            label = (number + turn) % len(colours)
            together.wait(60)
            workflow.inference(data=models.picture(colours[label]))
            together.wait(60)  # all have a result now; the last one is somebody else's for most
            said.append((label, workflow.format_output(isprint=False)["标签"]))
        return said

    with ThreadPoolExecutor(_THREADS) as pool:
        answers = [pair for said in pool.map(work, range(_THREADS)) for pair in said]
    assert len(answers) == _THREADS * 20
    assert all(asked == said for asked, said in answers)


def test_a_failure_in_one_thread_leaves_the_result_of_another(workflow: Workflow) -> None:
    workflow.inference(data=models.picture("green"))

    def fail() -> None:
        with pytest.raises(ImageNotFound):
            workflow.inference(data="nothing.png")
        with pytest.raises(NothingToShow):
            workflow.format_output(isprint=False)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(fail).result()
    assert workflow.format_output(isprint=False)["标签"] == 1


def test_a_thread_without_a_result_gets_the_last_one(workflow: Workflow) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(workflow.inference, models.picture("blue")).result()
    assert workflow.format_output(isprint=False)["标签"] == 2
