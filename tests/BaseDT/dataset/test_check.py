"""Opening every picture once: damaged ones are named all together, everything else that goes wrong ends the check."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from BaseDT import image
from BaseDT.dataset.check import Damaged, check_images, damaged_error
from BaseDT.dataset.imagenet import Sample, load
from BaseDT.errors import DatasetInvalid, DiskFull, ImageDamaged

Make = Callable[..., Path]


def numbered(count: int) -> list[Sample]:
    return [Sample(Path(f"{index}.png"), 0) for index in range(count)]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp"])
def test_whole_pictures_pass(make_imagenet: Make, tmp_path: Path, suffix: str) -> None:
    data = load(make_imagenet(tmp_path / "数据 集", suffix=suffix))
    assert check_images(data.train) == ()


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def _flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(_truncate, id="truncated"),
        pytest.param(_flip_a_byte, id="one byte changed"),
        pytest.param(lambda path: path.write_bytes(b""), id="0 bytes"),
        pytest.param(lambda path: path.write_text("no picture", encoding="utf-8"), id="text"),
        pytest.param(lambda path: path.write_bytes(b"GIF89a" + bytes(40)), id="GIF"),
        pytest.param(lambda path: path.unlink(), id="gone"),
    ],
)
def test_a_damaged_picture_is_named_with_the_reason(dataset: Path, damage: Callable[[Path], object]) -> None:
    data = load(dataset)
    damage(data.train[5].path)
    (damaged,) = check_images(data.train)
    assert damaged.path == data.train[5].path
    assert damaged.reason
    assert damaged.path.name not in damaged.reason


def test_all_damaged_pictures_are_listed_in_the_order_of_the_samples(dataset: Path) -> None:
    data = load(dataset)
    for index in (9, 0, 4):
        data.train[index].path.write_bytes(b"")
    later_found_first = threading.Event()

    def visit(index: int, sample: Sample) -> None:
        if index == 0:
            assert later_found_first.wait(10)
        image.read(sample.path)

    def progress(done: int, _total: int) -> None:
        if done >= 4:
            later_found_first.set()

    damaged = check_images(data.train, visit, threads=2, progress=progress)
    assert [one.path for one in damaged] == [data.train[i].path for i in (0, 4, 9)]


def test_damage_that_decoders_forgive_is_found(make_imagenet: Make, tmp_path: Path) -> None:
    data = load(make_imagenet(tmp_path / "数据 集", suffix=".jpg", size=(64, 64)))
    path = data.train[0].path
    middle = path.stat().st_size * 3 // 4
    path.write_bytes(path.read_bytes()[:middle] + b"\xff\x10" + path.read_bytes()[middle:])
    image.read(path)
    assert [damaged.path for damaged in check_images(data.train)] == [path]


@pytest.mark.parametrize("threads", [None, 1, 3, 100])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 500])
def test_every_picture_is_visited_once_with_its_own_index(count: int, threads: int | None) -> None:
    samples, seen = numbered(count), []
    check_images(samples, lambda index, sample: seen.append((index, sample)), threads=threads)
    assert sorted(seen, key=lambda pair: pair[0]) == list(enumerate(samples))


def test_pictures_are_visited_in_several_threads_but_never_the_callers() -> None:
    meeting = threading.Barrier(2, timeout=10)
    check_images(numbered(16), lambda index, _: meeting.wait() if index % 8 == 0 else None, threads=2)
    names: set[int] = set()
    check_images(numbered(16), lambda *_: names.add(threading.get_ident()), threads=1)
    assert threading.get_ident() not in names


def test_progress_comes_from_the_calling_thread_not_too_often_and_ends_with_all() -> None:
    calls: list[tuple[int, int, int]] = []
    start = time.monotonic()
    check_images(
        numbered(40),
        lambda *_: time.sleep(0.01),
        threads=2,
        progress=lambda done, total: calls.append((done, total, threading.get_ident())),
    )
    seconds = time.monotonic() - start
    assert {(total, thread) for _, total, thread in calls} == {(40, threading.get_ident())}
    assert [done for done, *_ in calls] == sorted(done for done, *_ in calls)
    assert [done for done, *_ in calls].count(40) >= 1
    assert calls[-1][0] == 40
    assert 2 <= len(calls) <= seconds * 20 + 1


def test_progress_of_nothing_is_reported_once() -> None:
    calls: list[tuple[int, int]] = []
    assert check_images([], progress=lambda *call: calls.append(call)) == ()
    assert calls == [(0, 0)]


@pytest.mark.parametrize(
    "error",
    [ImageDamaged("Damaged image file: 3.png, it is cut off."), PermissionError(13, "it is cut off")],
)
def test_errors_of_one_file_are_collected(error: Exception) -> None:
    def visit(index: int, _sample: Sample) -> None:
        if index == 3:
            raise error

    assert check_images(numbered(20), visit) == (Damaged(Path("3.png"), "it is cut off"),)


@pytest.mark.parametrize(
    "error", [DiskFull("no room"), OSError(errno.ENOSPC, "no room"), MemoryError(), RuntimeError("a mistake of ours")]
)
def test_any_other_error_ends_the_check_at_once(error: Exception) -> None:
    visited: list[int] = []

    def visit(index: int, _sample: Sample) -> None:
        visited.append(index)
        if index == 3:
            raise error
        time.sleep(0.001)

    with pytest.raises(type(error)) as caught:
        check_images(numbered(10_000), visit, threads=2)
    assert caught.value is error
    assert len(visited) < 2000


@pytest.mark.skipif(os.name == "nt", reason="a signal to oneself is another thing there")
def test_ctrl_c_ends_the_check_at_once() -> None:
    visited: list[int] = []

    def visit(index: int, _sample: Sample) -> None:
        visited.append(index)
        if index == 40:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.005)

    with pytest.raises(KeyboardInterrupt):
        check_images(numbered(10_000), visit, threads=2)
    assert len(visited) < 1000
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("check")]


def test_the_error_names_the_pictures_and_the_way_out(dataset: Path) -> None:
    data = load(dataset)
    data.train[0].path.write_bytes(b"")
    error = damaged_error(check_images(data.train))
    assert isinstance(error, DatasetInvalid)
    assert str(error).startswith(
        "Error Code: -201. 1 picture is damaged: training_set/狗/图 片-training-狗-00.png: it is empty"
    )
    assert 'check="skip"' in error.hint


def test_the_error_names_twenty_and_counts_the_rest() -> None:
    error = damaged_error([Damaged(Path(f"a/b/{index}.jpg"), "cut off") for index in range(25)])
    assert error.message.startswith("25 pictures are damaged: a/b/0.jpg: cut off; a/b/1.jpg")
    assert "a/b/19.jpg" in error.message
    assert "a/b/20.jpg" not in error.message
    assert error.message.endswith("; and 5 more")


def test_a_damaged_picture_of_several_samples_is_named_once(tmp_path: Path) -> None:
    broken, other = tmp_path / "坏.png", tmp_path / "也坏.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n broken")
    other.write_bytes(b"\x89PNG\r\n\x1a\n broken")
    damaged = check_images([Sample(broken, 0), Sample(other, 0), Sample(broken, 0)])
    assert [item.path for item in damaged] == [broken, other]
