"""Reading many files of which some cannot be read."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from BaseDT import image
from BaseDT.errors import ImageDamaged, ImageNotFound, ImageUnsupported, ParameterInvalid, PathNotWritable
from BaseDT.language import say, use_language
from BaseDT.readable import is_of_the_file, read_all, reason_of

ERRORS = {
    1: ImageDamaged("1.png is cut off."),
    2: ImageUnsupported("2.png is a GIF."),
    4: OSError(errno.EIO, "disk error"),
    5: FileNotFoundError(errno.ENOENT, "gone"),
}


def reader(errors: dict[int, Exception]) -> Callable[[int], str]:
    def read(item: int) -> str:
        if item in errors:
            raise errors[item]
        return f"picture {item}"

    return read


@pytest.mark.parametrize("threads", [1, 3])
def test_what_cannot_be_read_is_reported_and_left_out(threads: int) -> None:
    left_out: list[tuple[int, Exception]] = []
    results = list(
        read_all(range(9), reader(ERRORS), lambda item, error: left_out.append((item, error)), threads=threads)
    )
    assert results == [(item, f"picture {item}") for item in (0, 3, 6, 7, 8)]
    assert left_out == list(ERRORS.items())


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    "error",
    [OSError(errno.EMFILE, "too many files"), PathNotWritable("no."), ParameterInvalid("no."), ZeroDivisionError()],
)
def test_every_other_error_ends_the_reading(error: Exception, threads: int) -> None:
    with pytest.raises(type(error)):
        list(read_all(range(9), reader({4: error}), lambda item, error: None, threads=threads))


def test_none_of_all_is_an_error_only_where_one_is_needed() -> None:
    read = reader({0: ImageUnsupported("a GIF."), 1: ImageDamaged("cut off.")})
    assert list(read_all(range(2), read, lambda item, error: None)) == []
    assert list(read_all([], read, lambda item, error: None, needs_one=True)) == []
    with pytest.raises(ImageUnsupported, match="a GIF"):
        list(read_all(range(2), read, lambda item, error: None, needs_one=True))
    assert len(list(read_all(range(3), read, lambda item, error: None, needs_one=True))) == 1


def test_threads_read_only_a_little_ahead_and_end_with_the_caller() -> None:
    begun: list[int] = []
    before = threading.active_count()

    def read(item: int) -> int:
        begun.append(item)
        return item

    results = read_all(range(1000), read, lambda item, error: None, threads=2)
    assert next(results) == (0, 0)
    results.close()  # type: ignore[attr-defined]
    assert len(begun) < 10
    assert threading.active_count() == before


def test_threads_speak_the_callers_language() -> None:
    with use_language("zh"):
        results = list(read_all(range(3), lambda item: say("picture", "图片"), lambda item, error: None, threads=2))
    assert [text for _, text in results] == ["图片"] * 3


def test_real_files_of_every_kind(tmp_path: Path) -> None:
    folder = tmp_path / "数据 集"
    folder.mkdir()
    (folder / "坏 图.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (folder / "动 图.png").write_bytes(b"GIF89a" + bytes(20))
    paths = [folder / "坏 图.jpg", folder / "动 图.png", folder / "没有.png"]
    reasons: list[str] = []
    assert list(read_all(paths, image.read, lambda path, error: reasons.append(reason_of(error)))) == []
    assert all(path.name in reason for path, reason in zip(paths, reasons, strict=True))


def test_an_exhausted_machine_is_not_the_file() -> None:
    assert is_of_the_file(ImageNotFound("x"))
    assert not is_of_the_file(OSError(errno.ENOMEM, "no memory"))
    assert reason_of(OSError(errno.EIO, "disk error")) == "disk error"
    assert reason_of(ImageDamaged("cut off.", hint="repair it")) == "cut off."
