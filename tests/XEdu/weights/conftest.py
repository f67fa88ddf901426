"""Fixtures of fetched files: a home with a Chinese name."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new ``MMEDU_HOME``; returns the folder of weights in it, which is not there yet."""
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "我的 家"))
    monkeypatch.delenv("MMEDU_OFFLINE", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "我的 家" / "weights"
