"""One run at a time in a folder, and nothing of another run is lost or mixed with it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from BaseDT import file_lock
from BaseDT.errors import PathNotWritable
from MMEdu import MMClassification
from MMEdu.engine import run_folder
from MMEdu.engine.events import Event, Notice
from MMEdu.engine.run_folder import LOCK, FolderLock, put_aside

OLD = ["best_accuracy_top-1_epoch_3.pth", "epoch_1.pth", "epoch_12.pth", "latest.pth", "20260102_030405.log.json"]
OTHERS = ["my_model.pth", "epoch_x.pth", "notes.txt", "model.onnx", "best_cat.png", "log.json"]


def prepared(dataset: Path) -> tuple[MMClassification, list[Event]]:
    model = MMClassification("LeNet")
    events: list[Event] = []
    model.listener = events.append
    model.load_dataset(dataset)
    return model, events


def filled(folder: Path, names: list[str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(f"old {name}", encoding="utf-8")
    return folder


def test_an_older_run_moves_into_a_dated_folder(tmp_path: Path) -> None:
    folder = filled(tmp_path / "结 果", [*OLD, *OTHERS, "curves.png"])
    aside = put_aside(folder, ["curves.png", "per_class.csv"])
    assert aside == folder / "20260102_030405"
    assert sorted(path.name for path in aside.iterdir()) == sorted([*OLD, "curves.png"])
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == sorted(OTHERS)
    assert (aside / "latest.pth").read_text(encoding="utf-8") == "old latest.pth"


def test_every_older_run_has_a_folder_of_its_own(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        aside = put_aside(filled(tmp_path, OLD))
        assert aside is not None
        names.append(aside.name)
    assert names == ["20260102_030405", "20260102_030405_2", "20260102_030405_3"]


def test_without_a_log_the_files_tell_the_time(tmp_path: Path) -> None:
    aside = put_aside(filled(tmp_path, ["epoch_1.pth"]))
    assert aside is not None
    assert run_folder.time.strptime(aside.name, "%Y%m%d_%H%M%S")


@pytest.mark.parametrize("names", [[], OTHERS, ["curves.png"]])
def test_where_no_run_was_nothing_moves(tmp_path: Path, names: list[str]) -> None:
    assert put_aside(tmp_path / "没有") is None
    assert put_aside(filled(tmp_path / "有", names), ["curves.png"]) is None
    assert sorted(path.name for path in (tmp_path / "有").iterdir()) == sorted(names)


def test_a_file_that_cannot_be_moved_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(action: object) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(run_folder, "patiently", refuse)
    with pytest.raises(PathNotWritable, match="-104"):
        put_aside(filled(tmp_path, OLD))


def test_a_folder_is_held_once(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path / "新 的")
    with pytest.raises(PathNotWritable, match=r"Another training is writing into this folder \(process \d+, since"):
        FolderLock(tmp_path / "新 的")
    lock.release()
    assert not (tmp_path / "新 的").exists(), "a run that wrote nothing leaves nothing"
    again = FolderLock(tmp_path / "新 的")
    again.release()
    again.release()


def test_another_process_holds_it_until_it_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from MMEdu.engine.run_folder import FolderLock;"
        "lock = FolderLock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(PathNotWritable, match=rf"process {holder.pid}"):
            FolderLock(tmp_path)
        holder.kill()
    assert (tmp_path / LOCK).exists(), "nobody could remove it"
    FolderLock(tmp_path).release()
    assert not (tmp_path / LOCK).exists()


def test_a_drive_without_locks_is_used_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(file: object) -> None:
        raise OSError(95, "not supported")

    monkeypatch.setattr(file_lock, "_lock", unknown)
    FolderLock(tmp_path).release()
    assert list(tmp_path.iterdir()) == []


def test_many_that_want_it_at_once_get_it_one_by_one(tmp_path: Path) -> None:
    inside, most, refused = [0], [0], [0]

    def work() -> None:
        for _ in range(30):
            try:
                lock = FolderLock(tmp_path)
            except PathNotWritable:
                refused[0] += 1
                continue
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            inside[0] -= 1
            lock.release()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1


def test_two_trainings_into_one_folder(dataset, tmp_path):
    first, _ = prepared(dataset)
    first.train(epochs=3, save_fold=tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    second, events = prepared(dataset)
    second.train(epochs=1, save_fold=tmp_path / "out")
    (aside,) = [path for path in (tmp_path / "out").iterdir() if path.is_dir()]
    assert {path.name: path.read_bytes() for path in aside.iterdir()} == before
    assert [path.name for path in (tmp_path / "out").glob("epoch_*.pth")] == ["epoch_1.pth"]
    told = [event.text for event in events if isinstance(event, Notice) and aside.name in event.text]
    assert told == [f"An older training was in {tmp_path / 'out'}: its files are now in {aside.name}."]


def test_a_training_starts_from_weights_of_the_older_run(dataset, tmp_path):
    first, _ = prepared(dataset)
    first.train(epochs=1, save_fold=tmp_path / "out")
    second, _ = prepared(dataset)
    second.train(epochs=1, save_fold=tmp_path / "out", checkpoint=tmp_path / "out" / "latest.pth")
    assert len(list((tmp_path / "out").glob("*/latest.pth"))) == 1


def test_a_resumed_run_stays_where_it_is(dataset, tmp_path):
    first, _ = prepared(dataset)
    first.train(epochs=1, random_seed=1, save_fold=tmp_path / "out")
    second, _ = prepared(dataset)
    second.train(epochs=2, random_seed=1, save_fold=tmp_path / "out", resume=True)
    assert not any(path.is_dir() for path in (tmp_path / "out").iterdir())
    assert len(list((tmp_path / "out").glob("epoch_*.pth"))) == 2


def test_a_folder_that_another_training_holds_is_refused_and_nothing_moves(dataset, tmp_path):
    filled(tmp_path / "out", OLD)
    lock = FolderLock(tmp_path / "out")
    model, _ = prepared(dataset)
    with pytest.raises(PathNotWritable, match="Another training"):
        model.train(epochs=1, save_fold=tmp_path / "out")
    lock.release()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(OLD)
