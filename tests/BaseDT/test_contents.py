"""What a path holds that is no file: a pipe would be waited for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from BaseDT import contents, image
from BaseDT.dataset import DataSet
from BaseDT.dataset.textfiles import read_text
from BaseDT.errors import DatasetInvalid, ImageDamaged

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in folders there")


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe with a picture's name, that nobody ever writes to."""
    path = tmp_path / "图 片.jpg"
    os.mkfifo(path)
    return path


def test_a_pipe_is_not_waited_for(pipe: Path) -> None:
    with pytest.raises(OSError, match="pipe"):
        contents.read_bytes(pipe)
    with pytest.raises(ImageDamaged, match="pipe"):
        image.read(pipe)
    with pytest.raises(DatasetInvalid, match="pipe"):
        read_text(pipe)


def test_a_pipe_in_a_data_set_is_no_picture(dataset: Path) -> None:
    os.mkfifo(dataset / "training_set" / "猫" / "x.jpg")
    report = DataSet(dataset).check()
    assert report.pictures["train"] == 12
    assert "Ignored: 1 files that are no supported pictures (.jpg 1)." in str(report)


def test_a_file_and_a_folder_are_as_ever(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert contents.read_bytes(tmp_path / "a") == b"x"
    (tmp_path / "large").write_bytes(large := bytes(range(256)) * 20_000)
    assert contents.read_bytes(tmp_path / "large") == large
    (tmp_path / "empty").touch()
    assert contents.read_bytes(tmp_path / "empty") == b""
    with pytest.raises(IsADirectoryError):
        contents.read_bytes(tmp_path)
    with pytest.raises(FileNotFoundError, match="gone"):
        contents.read_bytes(tmp_path / "gone")


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="no file here whose size is not told")
def test_a_file_that_is_longer_than_it_says_is_read_to_its_end() -> None:
    assert contents.read_bytes(Path("/proc/version")) == Path("/proc/version").read_bytes() != b""
