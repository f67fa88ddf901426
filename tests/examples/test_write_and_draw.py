"""``examples/write_a_poem.py``, ``draw_digits.py``, ``recognise_actions.py``: own networks that write, draw, watch."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from BaseDT import image

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def _example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_poem_is_known_by_heart_and_a_new_one_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = _example("write_a_poem")

    example.main("月", epochs=12, save_fold=tmp_path / "诗 歌")

    told = capsys.readouterr().out
    by_heart, own = told.split("背诵：\n")[1].split("\n自己写：\n")
    assert by_heart.strip() == example.POEM[:61].strip()
    assert own.strip() != by_heart.strip()
    assert set(own) <= set(example.POEM)


def test_movements_that_were_not_seen_are_recognised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right = _example("recognise_actions").main(str(tmp_path / "动 作.npz"), epochs=4, save_fold=tmp_path)

    assert right >= 0.9
    assert "60 个新动作认对" in capsys.readouterr().out


def test_digits_are_drawn_and_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A little of it: what a whole training reaches is measured by ``bench.diffusion``."""
    sure = _example("draw_digits").main(
        tmp_path / "数 字", epochs=1, judge_epochs=1, num=2, count=80, timestep=10, save_fold=tmp_path / "结 果"
    )

    assert sure.shape == (2, 10)
    np.testing.assert_allclose(sure.sum(1), 1, atol=1e-5)
    assert image.read(tmp_path / "结 果" / "drawn.png").shape[0] > 50
    assert "2 张中有" in capsys.readouterr().out
