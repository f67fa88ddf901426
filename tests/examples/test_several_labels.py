"""``examples/several_labels.py``: it runs as it is, with fewer pictures, and finds what it drew."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[2] / "examples" / "several_labels.py"


@pytest.mark.usefixtures("folder")
def test_the_example_finds_what_it_drew():
    spec = importlib.util.spec_from_file_location("several_labels", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    [answer] = module.main(pictures=200, epochs=8)
    assert set(answer["预测结果"]) == {"square", "cross"}
