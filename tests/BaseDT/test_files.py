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


# --- files that only work together -----------------------------------------------------------------------------------


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A model of two files, the second one there already."""
    first, second = tmp_path / "模 型" / "a.xml", tmp_path / "模 型" / "a.bin"
    files.write_together({first: b"old xml", second: b"old bin"})
    return first, second


def write(pair: tuple[Path, Path]) -> None:
    files.write_together({pair[0]: b"new xml", pair[1]: b"new bin"})


def held(pair: tuple[Path, Path]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in pair[0].parent.iterdir() if path.is_file()}


def fails_at(monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException) -> None:
    """No new file can get this name."""
    rename = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.suffix == ".tmp" and Path(target).name == name:
            raise error
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", replace)


def no_links(*_: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.fixture(params=["links", "no links"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "no links":
        monkeypatch.setattr(os, "link", no_links)


def test_all_of_them_are_replaced_and_nothing_else_is_left(pair, disk):
    write(pair)
    assert held(pair) == {"a.xml": b"new xml", "a.bin": b"new bin"}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_a_device_or_a_pipe_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe.pkl"
    os.mkfifo(pipe)
    with pytest.raises(PathNotWritable):
        files.write_whole(pipe, b"new")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(pipe) == ["pipe.pkl"]


def test_a_folder_in_the_place_of_one_leaves_the_others_as_they_were(pair):
    pair[1].unlink()
    pair[1].mkdir()
    with pytest.raises(PathNotWritable, match=r"Cannot write .*a\.bin: Is a directory"):
        write(pair)
    assert held(pair) == {"a.xml": b"old xml"}
    assert names(pair[0]) == ["a.xml", "a.bin"] or names(pair[0]) == ["a.bin", "a.xml"]


@pytest.mark.parametrize("error", [PermissionError(errno.EACCES, "held"), KeyboardInterrupt()])
@pytest.mark.parametrize("there", [True, False])
def test_where_one_cannot_get_its_name_the_old_ones_are_put_back(pair, disk, monkeypatch, error, there):
    if not there:
        pair[0].unlink()
    before = held(pair)
    fails_at(monkeypatch, "a.bin", error)
    with pytest.raises(PathNotWritable if isinstance(error, OSError) else KeyboardInterrupt):
        write(pair)
    assert held(pair) == before


def test_an_old_file_that_cannot_be_put_back_stays_under_its_second_name(pair, monkeypatch):
    fails_at(monkeypatch, "a.bin", PermissionError(errno.EACCES, "held"))
    patiently = files.patiently

    def refusing(deed):
        if deed.func.__self__.suffix == ".old":
            raise PermissionError(errno.EACCES, "held")
        return patiently(deed)

    monkeypatch.setattr(files, "patiently", refusing)
    with pytest.raises(PathNotWritable):
        write(pair)
    assert sorted(held(pair).values()) == [b"new xml", b"old bin", b"old xml"]


def test_one_file_alone_is_replaced_in_a_single_step(file, monkeypatch):
    monkeypatch.setattr(os, "link", lambda *_: pytest.fail("no need for a second name"))
    assert files.write_whole(file, b"new").read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a right on Windows")
def test_a_link_is_put_back_as_a_link(pair, monkeypatch):
    target = pair[0].rename(pair[0].with_name("target"))
    pair[0].symlink_to(target)
    fails_at(monkeypatch, "a.bin", PermissionError(errno.EACCES, "held"))
    with pytest.raises(PathNotWritable):
        write(pair)
    assert pair[0].is_symlink()
    assert pair[0].read_bytes() == b"old xml"


# --- before long work ------------------------------------------------------------------------------------------------


def test_what_can_be_written_is_not_and_no_folder_is_left(tmp_path, file):
    files.check_writable([tmp_path / "新 的" / "夹" / "a.xml", tmp_path / "新 的" / "夹" / "a.bin", file])
    assert [path.name for path in tmp_path.iterdir()] == ["数据 集"]
    assert names(file) == ["图 片.jpg"]
    assert file.read_bytes() == b"old"


@pytest.mark.parametrize("name", ["图 片.jpg/a.onnx", "图 片.jpg/b/a.onnx"])
def test_a_file_in_the_place_of_a_folder_is_named_for_what_it_is(file, name):
    with pytest.raises(PathNotWritable, match=r"图 片\.jpg is a file, not a folder\."):
        files.check_writable([file.parent / name])
    with pytest.raises(PathNotWritable, match=r"图 片\.jpg is a file, not a folder\."):
        files.write_whole(file.parent / name, b"x")


def test_a_folder_in_the_place_of_a_file(file):
    with pytest.raises(PathNotWritable, match="Is a directory"):
        files.check_writable([file, file.parent])


@pytest.mark.skipif(sys.platform == "win32", reason="limits of other disks")
def test_a_name_that_the_disk_does_not_take(file):
    with pytest.raises(PathNotWritable, match="File name too long"):
        files.check_writable([file.with_name("猫" * 100)])
    assert names(file) == ["图 片.jpg"]


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, DiskFull), (errno.EROFS, PathNotWritable)])
def test_a_folder_that_takes_no_file_and_none_is_left(tmp_path, monkeypatch, number, kind):
    def refusing(*_: object) -> None:
        raise OSError(number, "why")

    monkeypatch.setattr(Path, "open", refusing)
    with pytest.raises(kind):
        files.check_writable([tmp_path / "新 的" / "夹" / "a.xml"])
    assert list(tmp_path.iterdir()) == []


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


def test_the_first_free_name_is_found(tmp_path: Path) -> None:
    for name in ("出.mp4", "出_2.mp4"):
        (tmp_path / name).touch()
    assert files.free_name(tmp_path / "出.mp4") == tmp_path / "出_3.mp4"
    assert files.free_name(tmp_path / "新") == tmp_path / "新"
    assert files.free_name(Path()).name == "_2"
    assert "出_3.mp4" in files.already_there(tmp_path / "出.mp4", "is there").hint
