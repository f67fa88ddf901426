"""``examples/digits_on_board.py``: a few pictures, a few epochs, and what comes out runs as on a board."""

from __future__ import annotations

import importlib.util
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "examples" / "digits_on_board.py"


def test_a_network_of_ones_own_goes_to_a_board(tmp_path: Path, capsys) -> None:
    spec = importlib.util.spec_from_file_location("digits_on_board", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path / "数 字"
    assert module.main(folder, count=200, epochs=5) == "7"
    assert "这是数字 7" in capsys.readouterr().out
    assert (folder / "digits.py").is_file()
