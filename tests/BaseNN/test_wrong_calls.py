"""Arguments that somebody hands over by mistake end with an error that is named; ``tests/fuzz`` found these."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from BaseDT.errors import DatasetNotFound, XEduError
from BaseNN import nn

ROW = [[0.1, 0.2, 0.3, 0.4]]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> nn:
    learnt = nn()
    learnt.load_dataset(np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1]))
    learnt.add("linear", size=(4, 2), activation="softmax")
    learnt.train(lr=0.01, epochs=1, save_fold=tmp_path_factory.mktemp("网 络"))
    return learnt


@pytest.mark.parametrize(
    "call",
    [
        lambda model: model.convert(checkpoint=dict),
        lambda model: model.convert(checkpoint=b"a.pth"),
        lambda model: model.convert(checkpoint=["a.pth"]),
        lambda model: model.save("."),
        lambda model: model.save("/"),
        lambda model: model.inference(ROW, label=np.zeros((2, 2))),
        lambda model: model.inference(ROW, show=np.zeros(0)),
        lambda model: model.print_result(np.array([["a", 1]], dtype=object)),
        lambda model: model.visual_feature(["a", "b", "c", "d"]),
        lambda model: model.show([[1, 2], [3]]),
        lambda model: model.load_dataset(np.zeros((0, 4)), []),
        lambda model: model.load_dataset(ROW, []),
        lambda model: model.train(metrics=[{}]),
        lambda model: model.trained_network(1),
    ],
)
def test_named(model: nn, call: Callable[[Any], object]) -> None:
    with pytest.raises(XEduError) as caught:
        call(model)
    assert caught.value.code < 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes as files")
def test_a_pipe_is_not_waited_for() -> None:
    os.mkfifo("pipe.npz")
    with pytest.raises(DatasetNotFound):
        nn().load_npz_data("pipe.npz")
