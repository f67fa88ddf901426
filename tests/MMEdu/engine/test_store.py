"""The cache: memory first, then mapped files, then nothing; and never a wrong picture."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from MMEdu.engine import store as module
from MMEdu.engine.store import Budget, SampleStore


def picture(number: int, shape: tuple[int, ...] = (4, 5, 3)) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, shape, dtype=np.uint8)


def test_pictures_of_one_shape_are_one_array():
    store = SampleStore(3, Budget(1000, 0), (4, 5, 3))
    for index in range(3):
        assert store.whole() is None
        store.put(index, picture(index))
    whole = store.whole()
    assert whole is not None
    np.testing.assert_array_equal(whole[1], picture(1))


def test_what_does_not_fit_into_memory_goes_to_a_file_and_comes_back(tmp_path):
    budget = Budget(130, 10 * module._CHUNK, tmp_path)
    store = SampleStore(4, budget)
    for index in range(4):
        store.put(index, picture(index))
    for index in range(4):
        np.testing.assert_array_equal(store.get(index), picture(index))
    assert list(tmp_path.glob("pixels-*/*.bin"))
    del store
    budget.close()
    assert not list(tmp_path.glob("pixels-*"))


def test_beyond_memory_and_disk_nothing_is_kept():
    store = SampleStore(3, Budget(130, 0))
    for index in range(3):
        store.put(index, picture(index))
    assert [store.get(index) is not None for index in range(3)] == [True, True, False]


def test_a_picture_larger_than_a_file_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 100)
    store = SampleStore(2, Budget(0, 1000, tmp_path))
    store.put(0, picture(0, (8, 8, 3)))
    store.put(1, picture(1, (4, 5, 3)))
    assert store.get(0) is None
    np.testing.assert_array_equal(store.get(1), picture(1))


def test_a_full_file_is_followed_by_another(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 150)
    store = SampleStore(6, Budget(0, 1000, tmp_path))
    for index in range(6):
        store.put(index, picture(index))
    assert len(list(tmp_path.glob("pixels-*/*.bin"))) == 3
    for index in range(6):
        np.testing.assert_array_equal(store.get(index), picture(index))


def test_a_folder_that_cannot_be_written_to_means_no_cache(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    store = SampleStore(1, Budget(0, 10 * module._CHUNK, tmp_path / "file"))
    store.put(0, picture(0))
    assert store.get(0) is None


def test_files_go_when_the_budget_is_forgotten(tmp_path):
    budget = Budget(0, 10 * module._CHUNK, tmp_path)
    store = SampleStore(1, budget)
    store.put(0, picture(0))
    del store, budget
    gc.collect()
    assert not list(tmp_path.glob("pixels-*"))


def test_what_a_killed_process_left_is_swept(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    left = tmp_path / f"pixels-{gone.pid}-abc"
    left.mkdir()
    (left / "00000.bin").write_bytes(b"x")
    store = SampleStore(1, Budget(0, 10 * module._CHUNK, tmp_path))
    store.put(0, picture(0))
    assert not left.exists()
    assert store.get(0) is not None


def test_many_threads_may_put_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 1000)
    store = SampleStore(200, Budget(3000, 100_000, tmp_path))

    def put(start: int) -> None:
        for index in range(start, 200, 4):
            store.put(index, picture(index))

    threads = [threading.Thread(target=put, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(200):
        np.testing.assert_array_equal(store.get(index), picture(index))


@pytest.mark.parametrize(("value", "memory"), [("0", 0), ("2", 2 << 20), ("0.5", 1 << 19)])
def test_the_environment_sets_the_memory(monkeypatch, tmp_path, value, memory):
    monkeypatch.setenv("MMEDU_CACHE", value)
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "家 目录"))
    assert Budget.of_this_machine().memory == memory


def test_by_default_a_share_of_what_is_free_is_taken(monkeypatch, tmp_path):
    monkeypatch.delenv("MMEDU_CACHE", raising=False)
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path))
    budget = Budget.of_this_machine()
    assert budget.memory > 0
    assert (tmp_path / "cache").is_dir()


def test_a_home_that_cannot_be_written_to_means_memory_only(monkeypatch, tmp_path):
    monkeypatch.delenv("MMEDU_CACHE", raising=False)
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("MMEDU_HOME", str(blocked))
    budget = Budget.of_this_machine()
    assert budget.memory > 0
    assert budget.disk == 0
    assert Path(blocked).is_file()


def mixed(number: int) -> tuple[np.ndarray, ...]:
    """Arrays of several types, whose sizes leave wider numbers unaligned if nobody cares."""
    random = np.random.default_rng(number)
    heights = random.random((3, 5)).astype(np.float32)
    return picture(number, (3, 5, 1)), heights, random.random(3), np.array(number, dtype=np.int64), np.empty((0, 4))


def same(sample, expected) -> bool:
    return type(sample) is tuple and all(
        one.dtype == other.dtype and one.shape == other.shape and (one == other).all()
        for one, other in zip(sample, expected, strict=True)
    )


def test_samples_of_several_arrays_come_back_from_memory_and_from_files(tmp_path):
    size = sum(array.nbytes for array in mixed(0))
    store = SampleStore(9, Budget(3 * size, 10 * module._CHUNK, tmp_path))
    for index in range(9):
        store.put(index, mixed(index))
    assert all(same(store.get(index), mixed(index)) for index in range(9))
    spilled = store.get(8)
    assert all(array.flags.aligned for array in spilled)
    assert list(tmp_path.glob("pixels-*/*.bin"))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, np.bool_])
def test_an_array_of_any_type_keeps_it(tmp_path, dtype):
    row = np.arange(7).astype(dtype)
    for budget in (Budget(1000, 0), Budget(0, 10 * module._CHUNK, tmp_path)):
        store = SampleStore(1, budget)
        store.put(0, row)
        assert store.get(0).dtype == dtype
        np.testing.assert_array_equal(store.get(0), row)
        assert store.whole() is None


def test_a_sample_is_cached_whole_or_not_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 100)
    store = SampleStore(2, Budget(0, 100, tmp_path))
    store.put(0, (picture(0, (5, 4, 3)), picture(1, (5, 4, 3))))
    assert store.get(0) is None
    store = SampleStore(1, Budget(100, 0))
    store.put(0, (picture(0, (5, 4, 3)), picture(1, (5, 4, 3))))
    assert store.get(0) is None
