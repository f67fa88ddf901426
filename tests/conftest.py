"""Fixtures that every test may use. Small real data sets on disk, and an environment in which no window can open.

Nothing of the library is imported here: a broken module must fail its own tests, not all of them.
"""

from __future__ import annotations

import math
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from BaseDT.errors import XEduError
from BaseDT.escaping import visible

TESTS = str(Path(__file__).resolve().parent)
if TESTS not in sys.path:
    sys.path.insert(0, TESTS)  # models_on_disk

Refused = Callable[..., AbstractContextManager["pytest.ExceptionInfo[XEduError]"]]


class MakeImageNet(Protocol):
    """The signature of ``make_imagenet``."""

    def __call__(
        self,
        root: Path,
        classes: Sequence[str] = ...,
        train: int = ...,
        val: int = ...,
        test: int = ...,
        size: tuple[int, int] = ...,
        suffix: str = ...,
        gray: bool = ...,
        seed: int = ...,
    ) -> Path: ...


@pytest.fixture(scope="session", autouse=True)
def _plain_environment() -> Iterator[None]:
    """English hints, and no display that a window could be opened on; in subprocesses too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMEDU_LANG", "en")
        patch.setenv("MPLBACKEND", "Agg")
        patch.setenv("QT_QPA_PLATFORM", "offscreen")
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "MMEDU_TRACEBACK"):
            patch.delenv(name, raising=False)
        # A run in the background inherits an ignored SIGINT; the tests of Ctrl-C need Python's own handler.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        yield


def _picture(label: int, classes: int, size: tuple[int, int], gray: bool, seed: tuple[int, ...]) -> Image.Image:
    """A dark, noisy picture of (height, width) with a bright blob in the cell of a grid that belongs to the class."""
    rng = np.random.default_rng(seed)
    height, width = size
    cells = math.ceil(math.sqrt(max(classes, 2)))
    row, column = divmod(label, cells)
    jitter = rng.uniform(-0.1, 0.1, 2)
    center_y, center_x = (row + 0.5 + jitter[0]) / cells, (column + 0.5 + jitter[1]) / cells
    y, x = np.mgrid[:height, :width]
    distance = np.hypot((y + 0.5) / height - center_y, (x + 0.5) / width - center_x)
    blob = 180 * np.exp(-((distance * cells / 0.5) ** 2))
    shape = size if gray else (*size, 3)
    noise = rng.uniform(0, 60, shape)
    return Image.fromarray((noise + (blob if gray else blob[..., None])).astype(np.uint8))


@pytest.fixture(scope="session")
def make_imagenet() -> MakeImageNet:
    """A function that writes an ImageNet-style folder of small pictures which a network can learn.

    ``train``, ``val`` and ``test`` are numbers of pictures per class; 0 leaves the folder out. No ``.txt`` is written.
    ``size`` is (height, width). The same arguments give the same bytes. Files are called ``图 片-val-猫-00.png``.
    """

    def make(
        root: Path,
        classes: Sequence[str] = ("猫", "狗"),
        train: int = 6,
        val: int = 3,
        test: int = 0,
        size: tuple[int, int] = (28, 28),
        suffix: str = ".png",
        gray: bool = True,
        seed: int = 0,
    ) -> Path:
        for part, (split, count) in enumerate({"training": train, "val": val, "test": test}.items()):
            for label, name in enumerate(classes):
                folder = root / f"{split}_set" / name
                for index in range(count):
                    folder.mkdir(parents=True, exist_ok=True)
                    picture = _picture(label, len(classes), size, gray, (seed, part, label, index))
                    picture.save(folder / f"图 片-{split}-{name}-{index:02}{suffix}")
        return root

    return make


@pytest.fixture
def dataset(make_imagenet: MakeImageNet, tmp_path: Path) -> Path:
    """The default set of ``make_imagenet``: two classes, Chinese names, a space in the path."""
    return make_imagenet(tmp_path / "数据 集")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which the test works, as a maker's script would."""
    place = tmp_path / "我的 模型"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def refused() -> Refused:
    """A context that expects an error of ours: its code, words that it must hold, one line of message, a hint."""

    @contextmanager
    def expect(kind: type[XEduError], *words: str) -> Iterator[pytest.ExceptionInfo[XEduError]]:
        with pytest.raises(kind) as caught:
            yield caught
        error = caught.value
        assert str(error).startswith(f"Error Code: {kind.code}. {visible(error.message)}")
        assert "\n" not in error.message.strip()
        assert error.hint, "an error says what to do"
        for word in words:
            assert word in str(error)

    return expect
