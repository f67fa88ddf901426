"""Files are written whole or not at all, and what prevents it has a name."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from BaseDT import files
from BaseDT.errors import DiskFull, PathNotWritable


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return files.write_whole(tmp_path / "数据 集" / "图 片.jpg", b"old")


def names(file: Path) -> list[str]:
    return [path.name for path in file.parent.iterdir()]


def test_the_folder_is_made_and_nothing_else_is_left_in_it(file):
    assert file.read_bytes() == b"old"
    assert names(file) == ["图 片.jpg"]


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_replaced(file, durable):
    files.write_whole(file, b"new", durable=durable)
    assert file.read_bytes() == b"new"
    assert names(file) == ["图 片.jpg"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files")
def test_others_may_read_it_as_any_other_file(file):
    plain = file.with_name("plain")
    plain.write_bytes(b"")
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_leaves_the_old_file_and_no_other(file):
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(DiskFull, match=r"Error Code: -803\. No room left") as caught:
            files.write_whole(file, b"x" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert isinstance(caught.value, OSError)
    assert file.read_bytes() == b"old"
    assert names(file) == ["图 片.jpg"]


def test_ctrl_c_leaves_the_old_file_and_no_other(file, monkeypatch):
    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write_whole(file, b"new")
    assert file.read_bytes() == b"old"
    assert names(file) == ["图 片.jpg"]


def test_a_folder_that_is_a_file_is_named(file):
    with pytest.raises(PathNotWritable, match=r"-104.*Cannot write"):
        files.write_whole(file / "latest.pth", b"x")


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, DiskFull), (errno.EACCES, PathNotWritable)])
def test_the_reason_is_told_apart(file, number, kind):
    error = files.not_written(file, OSError(number, "why"))
    assert type(error) is kind
    assert error.hint


def test_removing_what_is_not_there_is_no_error_and_a_folder_is_one(file):
    files.remove(file)
    files.remove(file)
    with pytest.raises(PathNotWritable):
        files.remove(file.parent)


def test_only_temporary_files_of_ours_are_swept(file):
    ours, theirs = file.with_name(".latest.pth.0123abcd.tmp"), file.with_name(".notes.tmp")
    for path in (ours, theirs):
        path.write_bytes(b"half")
    files.sweep(file.parent)
    assert not ours.exists()
    assert theirs.exists()
