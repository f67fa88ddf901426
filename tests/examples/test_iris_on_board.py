"""``examples/iris_on_board.py``: a model of numbers is trained, saved, converted, and runs as on a board."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[2] / "examples" / "iris_on_board.py"


@pytest.mark.parametrize("algorithm", ["KNN", "CART", "MLP"])
def test_a_model_of_numbers_goes_to_a_board(algorithm: str, tmp_path: Path, capsys) -> None:
    spec = importlib.util.spec_from_file_location("iris_on_board", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path / "鸢 尾"
    assert module.main(folder, algorithm) == "virginica"
    assert "这朵花是 virginica" in capsys.readouterr().out
    assert (folder / "iris.py").is_file()
