"""Projects on a real disk, and pictures to put into them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from MMEdu.studio.projects.project import Project
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.studio import Studio
from XEdu.serve.door import Door

Encoded = Callable[..., bytes]


@pytest.fixture
def projects(studio: Studio) -> Projects:
    """The projects of a studio."""
    return studio.room(Projects)


@pytest.fixture
def project(projects: Projects) -> Project:
    """A project of two classes without pictures."""
    made = projects.create("classify", "石头 剪刀")
    made.add_class("石头")
    made.add_class("cat")
    return made


@pytest.fixture
def encoded() -> Encoded:
    """``encoded(seed=0, size=(48, 64), suffix=".jpg")``: the bytes of a picture; another one for each seed."""

    def make(seed: int = 0, size: tuple[int, int] = (48, 64), suffix: str = ".jpg") -> bytes:
        pixels = np.random.default_rng(seed).integers(0, 255, (*size, 3), dtype=np.uint8)
        return cv2.imencode(suffix, cv2.blur(pixels, (5, 5)))[1].tobytes()

    return make


def started_again(folder: Path) -> Projects:
    """Return what a server finds that starts with a work folder."""
    return Studio(folder, Door("t" * 43)).room(Projects)


@pytest.fixture
def again(studio: Studio) -> Callable[[], Projects]:
    """Start a server anew, with the same work folder."""
    return lambda: started_again(studio.folder)
