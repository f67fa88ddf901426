"""Fixtures of downloads: a home with a Chinese name, and a server on this machine that stands for the official one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from file_server import Served

HERE = str(Path(__file__).resolve().parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)  # file_server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new ``MMEDU_HOME``; returns the folder of weights in it, which is not there yet."""
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "我的 家"))
    monkeypatch.delenv("MMEDU_OFFLINE", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "我的 家" / "weights"


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The mirror of this home; broken connections are tried again at once."""
    from file_server import serving

    monkeypatch.setattr("XEdu.weights.download.PAUSE", 0.0)
    monkeypatch.setattr("XEdu.weights.download.TIMEOUT", 5.0)
    with serving() as served:
        monkeypatch.setenv("MMEDU_MIRROR", f"{served.address}/")
        yield served
