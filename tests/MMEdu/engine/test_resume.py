"""Interrupt a run anywhere: no half file, the last checkpoint is named, and resume ends where the whole run ends."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from BaseDT.errors import CannotResume, TrainingInterrupted
from MMEdu import MMClassification
from MMEdu.engine import checkpoint
from MMEdu.engine.events import EpochFinished, Event, RunFailed

EPOCHS = 4


def train(dataset: Path, folder: Path, epochs: int = EPOCHS, **arguments: object) -> list[dict[str, object]]:
    model = MMClassification("LeNet")
    model.load_dataset(dataset)
    model.save_fold = folder
    return model.train(epochs=epochs, random_seed=7, batch_size=4, lr=0.1, **arguments)


def steady(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    """A log without what may differ: times, memory, how the run was asked for."""
    changing = {"time", "data_time", "memory", "epochs", "resume", "started", "max_keep_ckpts"}
    return [{k: v for k, v in line.items() if k not in changing} for line in lines]


def assert_same_weights(one: Path, other: Path) -> None:
    first, second = (checkpoint.read(file) for file in (one, other))
    for name, value in first["state_dict"].items():
        assert torch.equal(value, second["state_dict"][name]), name


@pytest.fixture(scope="module")
def data(make_imagenet, tmp_path_factory) -> Path:
    return make_imagenet(tmp_path_factory.mktemp("数据 集"), classes=("猫", "狗", "鸟"), train=5, val=3)


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory) -> tuple[Path, list[dict[str, object]]]:
    """An uninterrupted run."""
    folder = tmp_path_factory.mktemp("整 轮")
    return folder, train(data, folder)


@pytest.fixture(scope="module")
def trained_once(data, tmp_path_factory) -> Path:
    """The folder of a run of one epoch; not to be written to."""
    folder = tmp_path_factory.mktemp("一 轮")
    train(data, folder, epochs=1)
    return folder


def test_the_same_seed_gives_the_same_numbers_to_the_last_digit(whole, data, tmp_path):
    folder, log = whole
    again = train(data, tmp_path / "again")
    assert steady(again) == steady(log)
    assert_same_weights(folder / "latest.pth", tmp_path / "again" / "latest.pth")


def test_a_resumed_run_ends_bit_for_bit_where_an_uninterrupted_one_does(whole, data, tmp_path):
    folder, log = whole
    train(data, tmp_path, epochs=2)
    resumed = train(data, tmp_path, resume=True)
    assert steady(resumed) == steady(log)
    assert_same_weights(folder / "latest.pth", tmp_path / "latest.pth")
    assert sorted(f.name for f in tmp_path.glob("*.pth")) == sorted(f.name for f in folder.glob("*.pth"))


def test_the_log_of_a_resumed_run_is_one_file(data, tmp_path):
    train(data, tmp_path, epochs=1)
    log = train(data, tmp_path, epochs=2, resume=True)
    (file,) = tmp_path.glob("*.log.json")
    assert [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] == log


@pytest.mark.parametrize("epochs", [1, 2])
def test_resuming_a_finished_run_says_that_it_is_finished_and_what_goes_on(data, tmp_path, capsys, epochs):
    log = train(data, tmp_path, epochs=2)
    capsys.readouterr()
    assert train(data, tmp_path, epochs=epochs, resume=True) == log
    output = capsys.readouterr().out
    assert f"This training is finished: 2 of {epochs} epochs are done" in output
    assert "train(epochs=4, resume=True)" in output
    assert "Resuming" not in output
    assert len(train(data, tmp_path, epochs=3, resume=True)) > len(log)


def test_resuming_a_run_that_its_patience_ended_names_what_goes_on(data, tmp_path, capsys):
    stopped = {"validate": True, "early_stop": 1, "weight_decay": 0.0}
    model = MMClassification("LeNet")
    model.load_dataset(data)
    arguments = {"epochs": 9, "random_seed": 7, "batch_size": 4, "lr": 1e-12, "save_fold": tmp_path, **stopped}
    log = model.train(**arguments)
    capsys.readouterr()
    assert len(model.train(**arguments, resume=True)) == len(log)
    output = capsys.readouterr().out
    assert "early_stop ended it after epoch" in output
    assert "a larger early_stop, or none" in output
    assert len(model.train(**{**arguments, "early_stop": None}, resume=True)) > len(log)


def test_ctrl_c_keeps_the_last_whole_epoch_and_names_it(whole, data, tmp_path):
    model = MMClassification("LeNet")
    model.load_dataset(data)
    seen: list[Event] = []

    def interrupt_after_epoch_2(event: Event) -> None:
        seen.append(event)
        if isinstance(event, EpochFinished) and event.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    model.listener = interrupt_after_epoch_2
    with pytest.raises(TrainingInterrupted, match=r"latest\.pth"):
        model.train(epochs=EPOCHS, random_seed=7, batch_size=4, lr=0.1, save_fold=tmp_path)
    assert isinstance(seen[-1], RunFailed)
    assert seen[-1].checkpoint == tmp_path / "latest.pth"
    train(data, tmp_path, resume=True)
    assert_same_weights(whole[0] / "latest.pth", tmp_path / "latest.pth")


def test_more_of_them_neither_spoil_what_is_saved_nor_end_in_torchs_traceback(whole, data, tmp_path, monkeypatch):
    """One while torch writes, and two while the first is answered."""
    from MMEdu.engine import saving

    pressed: list[str] = []

    def press(where: str) -> None:
        pressed.append(where)
        signal.raise_signal(signal.SIGINT)

    saves = itertools.count()  # the fifth is of the second or third epoch
    save, flush = torch.save, saving.Saver.flush
    monkeypatch.setattr(torch, "save", lambda *args: (press("save") if next(saves) == 4 else None, save(*args)))
    monkeypatch.setattr(saving.Saver, "flush", lambda self: (press("flush"), flush(self), press("flush")))
    with pytest.raises(TrainingInterrupted, match=r"latest\.pth|epoch"):
        train(data, tmp_path)
    assert pressed == ["save", "flush", "flush"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    monkeypatch.undo()
    train(data, tmp_path, resume=True)
    assert_same_weights(whole[0] / "latest.pth", tmp_path / "latest.pth")


def test_the_best_file_survives_a_resume_and_stays_the_only_one(whole, data, tmp_path):
    train(data, tmp_path, epochs=1)
    train(data, tmp_path, resume=True)
    assert [f.name for f in tmp_path.glob("best_*")] == [f.name for f in whole[0].glob("best_*")]


def script(data: Path, folder: Path, extra: str = "") -> str:
    """A user's own script that trains."""
    return textwrap.dedent(f"""
        from MMEdu import MMClassification as cls
        {extra}
        model = cls('LeNet')
        model.load_dataset(path={str(data)!r})
        model.save_fold = {str(folder)!r}
        model.train(epochs={EPOCHS}, random_seed=7, batch_size=4, lr=0.1)
    """)


def test_a_killed_process_leaves_whole_files_and_can_be_resumed(whole, data, tmp_path):
    (tmp_path / "run.py").write_text(script(data, tmp_path / "权 重"), encoding="utf-8")
    with subprocess.Popen([sys.executable, str(tmp_path / "run.py")], stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while not (tmp_path / "权 重" / "epoch_2.pth").exists() and time.monotonic() < deadline:
            time.sleep(0.001)
        process.kill()
    for file in (tmp_path / "权 重").glob("*.pth"):
        assert checkpoint.read(file)["meta"]["epoch"] >= 1
    train(data, tmp_path / "权 重", resume=True)
    assert_same_weights(whole[0] / "latest.pth", tmp_path / "权 重" / "latest.pth")
    assert not list((tmp_path / "权 重").glob(".*tmp"))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_ends_the_run_by_name_and_leaves_no_half_file(data, tmp_path):
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))"
    (tmp_path / "run.py").write_text(script(data, tmp_path / "out", full), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "run.py")], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 1
    assert "Error Code: -803" in done.stderr
    assert "Traceback" not in done.stderr
    for file in (tmp_path / "out").glob("*.pth"):
        checkpoint.read(file)
    assert not list((tmp_path / "out").glob(".*tmp"))


def test_nothing_to_resume_is_said(data, tmp_path):
    with pytest.raises(CannotResume, match="no run to resume"):
        train(data, tmp_path, resume=True)


def test_a_changed_dataset_is_refused(data, make_imagenet, tmp_path):
    train(data, tmp_path, epochs=1)
    other = make_imagenet(tmp_path / "other", classes=("猫", "狗", "鸟"), train=6, val=3)
    with pytest.raises(CannotResume, match="dataset has changed"):
        train(other, tmp_path, resume=True)


@pytest.mark.parametrize(("argument", "value"), [("optimizer", "Adam"), ("weight_decay", 0.5), ("balance", "auto")])
def test_other_arguments_are_refused_by_name(data, tmp_path, argument, value):
    train(data, tmp_path, epochs=1)
    with pytest.raises(CannotResume, match=f"{argument}="):
        train(data, tmp_path, resume=True, **{argument: value})


def test_weights_alone_cannot_be_resumed(data, tmp_path):
    train(data, tmp_path, epochs=1)
    (tmp_path / "epoch_1.pth").replace(tmp_path / "latest.pth")
    with pytest.raises(CannotResume, match="weights only"):
        train(data, tmp_path, resume=True)


def edit(latest: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = checkpoint.read(latest)
    change(content)
    torch.save(content, latest)


OUTSIDE = ("../victim.txt", "../victim.log.json", "..\\victim.log.json", "C:victim.log.json", "victim.txt", ".log.json")


@pytest.mark.parametrize("name", [*OUTSIDE, "{absolute}", "a\0.log.json", "\ud800.log.json", 5, ["a.log.json"], None])
def test_a_file_never_chooses_where_a_resumed_run_writes(trained_once, data, tmp_path, name):
    """The log's name comes out of ``latest.pth``, which may come from anywhere."""
    folder = shutil.copytree(trained_once, tmp_path / "run")
    victims = [tmp_path / "victim.txt", tmp_path / "victim.log.json", folder / "victim.txt"]
    for victim in victims:
        victim.write_text("mine", encoding="utf-8")
    name = str(victims[1]) if name == "{absolute}" else name
    edit(folder / "latest.pth", lambda content: content["meta"]["run"].update(log=name))
    with pytest.raises(CannotResume, match=r"run\.log") as caught:
        train(data, folder, resume=True)
    assert caught.value.hint
    assert [victim.read_text(encoding="utf-8") for victim in victims] == ["mine"] * 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epoch", "1"),
        ("epoch", True),
        ("epoch", -1),
        ("epoch", 10**30),
        ("best", [0.5]),
        ("best", {"accuracy_top-1": "high"}),
        ("best", None),
        ("best_epoch", "../1"),
        ("best_epoch", 1.0),
        ("best_epoch", 2),
        ("micro_batch", None),
        ("micro_batch", 0),
        ("micro_batch", 10**30),
        ("surprise", 1),
    ],
)
def test_an_edited_state_is_refused_and_nothing_is_deleted(trained_once, data, tmp_path, name, value):
    folder = shutil.copytree(trained_once, tmp_path / "run")
    edit(folder / "latest.pth", lambda content: content["meta"]["run"].update({name: value}))
    before = {file: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(CannotResume, match=name):
        train(data, folder, resume=True)
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["meta"].update(run=[1]),
        lambda content: content["meta"].update(random_seed="7"),
        lambda content: content["meta"].pop("random_seed"),
        lambda content: content["meta"].update(random_seed=10**30),
        lambda content: content["meta"].update(settings=[]),
        lambda content: content["meta"].update(preprocess={"size": "large"}),
        lambda content: content["meta"]["run"].update(best={"other": 1.0}),
        lambda content: content["meta"]["settings"].update(freeze="猫"),
        lambda content: content["meta"]["settings"].update(freeze=-1),
        lambda content: content.update(optimizer=[]),
        lambda content: content["optimizer"].pop("optimizers"),
        lambda content: content["optimizer"]["optimizers"]["main"]["state"].update({0: [1]}),
        lambda content: content["optimizer"]["optimizers"]["main"]["state"][0].update(momentum_buffer=torch.zeros(3)),
        lambda content: content["optimizer"]["optimizers"]["main"]["state"][0].update(momentum_buffer=[1]),
        lambda content: content["optimizer"]["optimizers"]["main"]["state"][0].update(
            momentum_buffer=content["optimizer"]["optimizers"]["main"]["state"][0]["momentum_buffer"].to_sparse()
        ),
        lambda content: content["optimizer"]["optimizers"]["main"]["state"][0].update(step=torch.zeros(())),
        lambda content: content["optimizer"]["optimizers"]["main"].update(param_groups=[]),
        lambda content: content.update(rng="7"),
        lambda content: content.pop("rng"),
        lambda content: content["state_dict"].popitem(),
    ],
)
def test_whatever_else_was_edited_is_refused_by_name(trained_once, data, tmp_path, change):
    folder = shutil.copytree(trained_once, tmp_path / "run")
    edit(folder / "latest.pth", change)
    with pytest.raises(CannotResume):
        train(data, folder, resume=True)


def test_resuming_a_run_that_is_complete_changes_nothing(data, tmp_path):
    train(data, tmp_path, epochs=2)
    before = os.stat(tmp_path / "latest.pth").st_mtime_ns  # noqa: PTH116
    log = train(data, tmp_path, epochs=2, resume=True)
    assert log[-1]["epoch"] == 2
    assert os.stat(tmp_path / "latest.pth").st_mtime_ns == before  # noqa: PTH116


def test_a_run_that_stopped_early_stays_stopped(data, tmp_path):
    arguments = {"lr": 1e-12, "early_stop": 2, "random_seed": 1, "save_fold": tmp_path}
    model = MMClassification("LeNet")
    model.load_dataset(data)
    log = model.train(epochs=50, **arguments)
    assert log[-1]["epoch"] < 50
    assert steady(model.train(epochs=50, resume=True, **arguments)) == steady(log)


def test_the_report_is_whole_even_when_the_best_epoch_was_before_the_interruption(data, tmp_path):
    train(data, tmp_path, epochs=3)
    before = {file.name: file.read_bytes() for file in tmp_path.glob("*.png")}
    train(data, tmp_path, epochs=3, resume=True)
    assert {file.name: file.read_bytes() for file in tmp_path.glob("*.png")} == before
    assert "confusion_matrix.png" in before


def test_after_ctrl_c_the_weights_that_are_there_can_be_used(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = MMClassification("LeNet")
    model.load_dataset(data)

    def interrupt(event: Event) -> None:
        if isinstance(event, EpochFinished):
            signal.raise_signal(signal.SIGINT)

    model.listener = interrupt
    with pytest.raises(TrainingInterrupted):
        model.train(epochs=EPOCHS)
    picture = next(iter((data / "val_set" / "猫").iterdir()))
    assert "pred_class" in model.inference(image=picture, show=False)


def test_a_first_epoch_that_is_stopped_leaves_weights_that_predict(data, tmp_path):
    folder, events = tmp_path / "model", []
    model = MMClassification("LeNet")
    model.load_dataset(data)
    looks = itertools.count()
    stop = SimpleNamespace(is_set=lambda: next(looks) == 3)
    with pytest.raises(TrainingInterrupted, match=r"unfinished\.pth.* checkpoint= starts from them"):
        model.train(epochs=EPOCHS, batch_size=2, save_fold=folder, stop=stop, listener=events.append)
    assert sorted(path.name for path in folder.glob("*.pth")) == ["unfinished.pth"]
    assert events[-1].checkpoint == folder / "unfinished.pth"
    picture = next(iter((data / "val_set" / "猫").iterdir()))
    assert "pred_class" in model.inference(checkpoint=folder / "unfinished.pth", image=picture, show=False)
    model.train(epochs=1, checkpoint=folder / "unfinished.pth", save_fold=folder)  # an older run is put aside
    assert (folder / "latest.pth").exists()
    assert not (folder / "unfinished.pth").exists()


def test_a_first_epoch_that_is_stopped_before_a_step_leaves_nothing(data, tmp_path):
    with pytest.raises(TrainingInterrupted, match="nothing was saved"):
        train(data, tmp_path / "model", stop=SimpleNamespace(is_set=lambda: True))
    assert not list((tmp_path / "model").glob("*.pth"))


def test_a_disk_that_fills_up_within_the_first_epoch_leaves_its_weights_and_names_them(data, tmp_path, monkeypatch):
    from BaseDT.errors import DiskFull
    from MMEdu.engine import saving

    write = saving.write_whole

    def write_until_full(path, content):
        if path.name == "latest.pth":
            raise DiskFull(f"No room left to write {path}.", hint="Free some disk space.")
        return write(path, content)

    monkeypatch.setattr(saving, "write_whole", write_until_full)
    with pytest.raises(DiskFull, match=r"epoch_1\.pth") as caught:
        train(data, tmp_path, epochs=1)
    assert (tmp_path / "epoch_1.pth").is_file()
    assert "nothing was saved" not in str(caught.value)
