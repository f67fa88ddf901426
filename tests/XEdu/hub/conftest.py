"""Published networks are made-up ones here: a light spot is a hand, and what is light is a person."""

from __future__ import annotations

import pytest

import presets_on_disk
from XEdu.presets import opening


@pytest.fixture(scope="session")
def made_up_networks(tmp_path_factory: pytest.TempPathFactory) -> opening.Sources:
    return presets_on_disk.sources(tmp_path_factory.mktemp("网 络"))


@pytest.fixture
def without_download(monkeypatch: pytest.MonkeyPatch, made_up_networks: opening.Sources) -> None:
    monkeypatch.setattr(opening, "_published", made_up_networks.obtain)
