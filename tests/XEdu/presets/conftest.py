"""Tasks that need no training, with made-up networks in place of the published ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import presets_on_disk
from XEdu.presets import opening
from XEdu.presets.finder import Finder
from XEdu.presets.opening import Sources
from XEdu.presets.ready_made import Boxes


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return presets_on_disk.sources(tmp_path_factory.mktemp("网 络"))


@pytest.fixture(scope="session")
def hands(made_up: Sources) -> Finder:
    task = opening.opened("det_hand", made_up)
    assert isinstance(task, Boxes)
    return task.finder


@pytest.fixture
def without_download(monkeypatch: pytest.MonkeyPatch, made_up: Sources) -> Callable[..., object]:
    """Whoever asks for published networks gets the made-up ones."""
    assert made_up.obtain is not None
    monkeypatch.setattr(opening, "_published", made_up.obtain)
    return made_up.obtain
