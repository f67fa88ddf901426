"""What a training does beyond the happy path: NaN, short memory, batches of one, the best file, early stop."""

from __future__ import annotations

import gc
import json
import re
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from BaseDT.errors import DatasetInvalid, LossNotFinite, MemoryExhausted, ParameterInvalid
from MMEdu import MMClassification
from MMEdu.engine import checkpoint, footprint, memory
from MMEdu.engine.device import choose_precision
from MMEdu.engine.events import CheckpointSaved, Event, Notice


def prepared(dataset: Path, backbone: str = "LeNet") -> tuple[MMClassification, list[Event]]:
    model = MMClassification(backbone)
    events: list[Event] = []
    model.listener = events.append
    model.load_dataset(dataset)
    return model, events


def notices(events: list[Event]) -> str:
    return "\n".join(event.text for event in events if isinstance(event, Notice))


def test_it_learns(make_imagenet, tmp_path):
    data = make_imagenet(tmp_path / "数据 集", classes=("猫", "狗", "鸟"), train=12, val=4)
    model, _ = prepared(data)
    log = model.train(epochs=8, lr=0.1, batch_size=6, random_seed=1, save_fold=tmp_path / "out")
    assert log[-1]["accuracy_top-1"] == 100.0
    losses = [line["loss"] for line in log if line["mode"] == "train"]
    assert losses[-1] < losses[0] / 3


def test_the_log_has_the_documented_lines(dataset, tmp_path):
    model, _ = prepared(dataset)
    log = model.train(epochs=2, batch_size=1, save_fold=tmp_path / "out")
    (file,) = (tmp_path / "out").glob("*.log.json")
    assert re.fullmatch(r"\d{8}_\d{6}\.log\.json", file.name)
    assert [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] == log
    assert log[0]["mode"] == "env"
    assert log[0]["seed"] > 0
    assert [(line["mode"], line["epoch"], line["iter"]) for line in log[1:]] == [
        ("train", 1, 10),
        ("train", 1, 12),
        ("val", 1, 12),
        ("train", 2, 10),
        ("train", 2, 12),
        ("val", 2, 12),
    ]
    assert log[1].keys() == {"mode", "epoch", "iter", "lr", "memory", "data_time", "loss", "time"}
    assert log[3].keys() >= {"mode", "epoch", "iter", "lr", "accuracy_top-1"}


def test_a_nan_loss_stops_with_the_reason_and_the_last_good_checkpoint(make_imagenet, tmp_path):
    data = make_imagenet(tmp_path / "数据 集", train=8)
    model, _ = prepared(data)
    model.train(epochs=1, batch_size=4, save_fold=tmp_path / "out", random_seed=1)
    with pytest.raises(LossNotFinite, match=r"(?s)Error Code: -802\..*try lr=") as caught:
        model.train(epochs=30, batch_size=4, lr=1e30, save_fold=tmp_path / "out", random_seed=1)
    assert isinstance(caught.value, FloatingPointError)
    for file in (tmp_path / "out").glob("*.pth"):
        for value in checkpoint.read(file)["state_dict"].values():
            assert torch.isfinite(value).all()


@pytest.mark.parametrize("batch_size", [2, 4, 100])
def test_a_last_batch_of_one_and_a_batch_larger_than_the_set_train(make_imagenet, tmp_path, batch_size):
    data = make_imagenet(tmp_path / "数据 集", train=0)
    for number in range(5):
        make_imagenet(data, train=1, val=0, seed=number)
    extra = make_imagenet(tmp_path / "more", train=3, val=1)
    model, _ = prepared(extra)
    log = model.train(epochs=1, batch_size=5, save_fold=tmp_path / "out")
    assert log[-1]["mode"] == "val"
    resnet, _ = prepared(extra, "ResNet18")
    log = resnet.train(epochs=1, batch_size=batch_size, image_size=32, save_fold=tmp_path / "out2", validate=False)
    assert np.isfinite(log[-1]["loss"])


def test_weights_that_broke_in_the_last_step_are_not_saved(make_imagenet, tmp_path):
    """The loss is that of before the step: it was still finite."""
    data = make_imagenet(tmp_path / "数据 集", train=3)
    model, _ = prepared(data)
    with pytest.raises(LossNotFinite):
        model.train(epochs=1, batch_size=8, lr=1e30, weight_decay=1e10, validate=False, save_fold=tmp_path / "out")
    assert not list((tmp_path / "out").glob("*.pth"))


def test_without_a_picture_to_validate_with_it_trains_and_says_so(make_imagenet, tmp_path):
    data = make_imagenet(tmp_path / "数据 集", train=1, val=0)
    model, events = prepared(data)
    log = model.train(epochs=1, save_fold=tmp_path / "out")
    assert log[-1]["mode"] == "train"
    assert "no pictures to validate" in notices(events)


def test_a_drive_that_is_gone_ends_the_run_by_name(make_imagenet, tmp_path, monkeypatch):
    monkeypatch.setenv("MMEDU_CACHE", "0")
    data = make_imagenet(tmp_path / "数据 集", train=4)
    model = MMClassification("LeNet")
    model.load_dataset(data, check=False)
    (tmp_path / "数据 集").rename(tmp_path / "elsewhere")
    with pytest.raises(DatasetInvalid, match="Not one training picture"):
        model.train(epochs=1, save_fold=tmp_path / "out")
    assert not list((tmp_path / "out").glob("*.pth"))


def test_parts_of_a_balanced_batch_add_up_to_the_whole(make_imagenet, tmp_path, monkeypatch):
    data = make_imagenet(tmp_path / "数据 集", classes=("rare", "usual"), train=2, val=2)
    make_imagenet(data, classes=("usual",), train=9, val=0, seed=1)
    model, _ = prepared(data)
    arguments = {"epochs": 2, "batch_size": 16, "random_seed": 1, "balance": "auto", "lr": 0.1}
    whole = model.train(save_fold=tmp_path / "a", **arguments)
    monkeypatch.setattr("MMEdu.engine.fitting.memory.available_bytes", lambda: 1_200_000)
    parts = model.train(save_fold=tmp_path / "b", **arguments)
    assert parts[-1]["loss"] == pytest.approx(whole[-1]["loss"], rel=1e-3)


def test_one_best_file_at_a_time_and_it_is_the_best(make_imagenet, tmp_path):
    data = make_imagenet(tmp_path / "数据 集", classes=("a", "b", "c"), train=10, val=5)
    model, events = prepared(data)
    log = model.train(epochs=6, lr=0.05, batch_size=5, random_seed=2, save_fold=tmp_path / "out")
    lines = [line for line in log if line["mode"] == "val"]
    best = max(lines, key=lambda line: (line["accuracy_top-1"], -line["loss"]))
    (file,) = (tmp_path / "out").glob("best_*.pth")
    assert file.name == f"best_accuracy_top-1_epoch_{best['epoch']}.pth"
    assert checkpoint.read(file)["meta"]["epoch"] == best["epoch"]
    assert any(isinstance(event, CheckpointSaved) and event.path == file for event in events)


def test_top_5_of_six_classes_is_logged_and_does_not_freeze_the_best_file(make_imagenet, tmp_path):
    data = make_imagenet(tmp_path / "数据 集", classes=tuple("abcdef"), train=8, val=3)
    model, _ = prepared(data)
    log = model.train(epochs=5, lr=0.1, batch_size=6, random_seed=2, save_fold=tmp_path / "out")
    lines = [line for line in log if line["mode"] == "val"]
    assert all({"accuracy_top-5", "accuracy_top-1"} <= line.keys() for line in lines)
    best = max(lines, key=lambda line: (line["accuracy_top-5"], line["accuracy_top-1"], -line["loss"]))
    (file,) = (tmp_path / "out").glob("best_*.pth")
    assert file.name == f"best_accuracy_top-5_epoch_{best['epoch']}.pth"


def test_other_metrics_choose_the_best_file_when_asked(dataset, tmp_path):
    model, _ = prepared(dataset)
    log = model.train(epochs=1, metric="f1_score", save_fold=tmp_path / "out")
    assert {"f1_score", "accuracy_top-1"} <= log[-1].keys()
    assert (tmp_path / "out" / "best_f1_score_epoch_1.pth").exists()


def test_early_stop_ends_a_run_that_does_not_get_better(dataset, tmp_path):
    model, events = prepared(dataset)
    log = model.train(epochs=50, lr=1e-12, early_stop=3, random_seed=1, save_fold=tmp_path / "out")
    assert log[-1]["epoch"] < 50
    assert "stopped early" in notices(events)


def test_max_keep_ckpts_bounds_the_epoch_files(dataset, tmp_path):
    model, _ = prepared(dataset)
    model.train(epochs=5, max_keep_ckpts=2, save_fold=tmp_path / "out")
    assert sorted(f.name for f in (tmp_path / "out").glob("epoch_*.pth")) == ["epoch_4.pth", "epoch_5.pth"]


def test_a_short_disk_bounds_them_too_and_says_so(dataset, tmp_path, monkeypatch):
    model, events = prepared(dataset)
    weights = 61_706 * 4

    class Usage:
        free = weights * 3 * 5  # a third holds five files

    monkeypatch.setattr("MMEdu.engine.saving.shutil.disk_usage", lambda path: Usage)
    model.train(epochs=4, save_fold=tmp_path / "out")
    assert len(list((tmp_path / "out").glob("epoch_*.pth"))) == 2
    assert "only the newest 2" in notices(events)


def test_validate_false_writes_no_val_line_and_no_best_file(dataset, tmp_path):
    model, _ = prepared(dataset)
    log = model.train(epochs=2, validate=False, save_fold=tmp_path / "out")
    assert {line["mode"] for line in log} == {"env", "train"}
    assert not list((tmp_path / "out").glob("best_*"))


def test_balance_weighs_rare_classes_up(make_imagenet, tmp_path):
    data = make_imagenet(tmp_path / "数据 集", classes=("rare", "usual"), train=0, val=4)
    make_imagenet(data, classes=("usual", "rare"), train=2, val=0)
    make_imagenet(data, classes=("usual",), train=14, val=0, seed=1)
    model, _ = prepared(data)
    plain, balanced = (
        model.train(epochs=1, batch_size=64, random_seed=1, balance=balance, save_fold=tmp_path / "out")[1]["loss"]
        for balance in (None, "auto")
    )
    assert plain != balanced


def test_memory_that_is_short_lowers_the_part_that_is_computed_at_once(dataset, tmp_path, monkeypatch):
    model, events = prepared(dataset)
    plenty = model.train(epochs=2, batch_size=8, random_seed=1, save_fold=tmp_path / "a", precision="float32")
    monkeypatch.setattr("MMEdu.engine.fitting.memory.available_bytes", lambda: 1_200_000)
    short = model.train(epochs=2, batch_size=8, random_seed=1, save_fold=tmp_path / "b", precision="float32")
    assert "pictures at a time" in notices(events)
    assert short[-1]["loss"] == pytest.approx(plenty[-1]["loss"], rel=1e-4)  # LeNet has no batch statistics


class Hungry(nn.Module):
    """Has memory for a few pictures only."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.linear = nn.Linear(1024, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if self.training and len(images) > self.most:
            raise RuntimeError(
                "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 byte"
            )
        return self.linear(images.flatten(1))


def hungry(model: MMClassification, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("MMEdu.models.registry.ModelEntry.build", lambda entry, classes: Hungry(most))
    monkeypatch.setattr("MMEdu.engine.footprint.sample_bytes", lambda model, forward: 0)


def test_running_out_of_memory_halves_the_part_and_goes_on(dataset, tmp_path, monkeypatch):
    model, events = prepared(dataset)
    hungry(model, 3, monkeypatch)
    log = model.train(epochs=1, batch_size=12, save_fold=tmp_path / "out")
    assert log[-1]["mode"] == "val"
    assert "3 pictures at a time" in notices(events)


def test_no_memory_for_one_picture_is_an_error_by_name(dataset, tmp_path, monkeypatch):
    model, _ = prepared(dataset)
    hungry(model, 0, monkeypatch)
    with pytest.raises(MemoryExhausted, match=r"-804.*batch of one"):
        model.train(epochs=1, batch_size=12, save_fold=tmp_path / "out")


class Normalised(Hungry):
    """Has maps of one pixel only, as ResNet18 has of 32 pixels: a sample alone has no variance."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.norm = nn.BatchNorm1d(1024)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        super().forward(images)
        return self.linear(self.norm(images.flatten(1)))


@pytest.fixture(scope="module")
def three(make_imagenet, tmp_path_factory):
    """A set of three training pictures: batches of two leave one."""
    root = make_imagenet(tmp_path_factory.mktemp("三 张") / "数据", classes=("a",), train=2, val=1)
    return make_imagenet(root, classes=("b",), train=1, val=1, seed=1)


def normalised(model: MMClassification, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    hungry(model, most, monkeypatch)
    monkeypatch.setattr("MMEdu.models.registry.ModelEntry.build", lambda entry, classes: Normalised(most))


def test_three_pictures_in_batches_of_two(three, tmp_path, monkeypatch):
    model, _ = prepared(three)
    normalised(model, 32, monkeypatch)
    log = model.train(epochs=2, batch_size=2, save_fold=tmp_path / "out")
    assert log[-1]["mode"] == "val"


def test_memory_for_two_is_needed_where_one_cannot_be_normalised(three, tmp_path, monkeypatch):
    model, _ = prepared(three)
    normalised(model, 1, monkeypatch)
    with pytest.raises(MemoryExhausted, match="not enough memory for a batch of two"):
        model.train(epochs=1, batch_size=4, save_fold=tmp_path / "out")


def test_short_memory_does_not_leave_one_that_cannot_be_normalised(dataset, tmp_path, monkeypatch):
    model, events = prepared(dataset)
    normalised(model, 32, monkeypatch)
    monkeypatch.setattr("MMEdu.engine.fitting.memory.available_bytes", lambda: 1)
    log = model.train(epochs=1, batch_size=4, save_fold=tmp_path / "out")
    assert log[-1]["mode"] == "val"
    assert "2 pictures at a time" in notices(events)


def test_a_single_picture_that_cannot_be_normalised_is_named(three, tmp_path, monkeypatch):
    model, _ = prepared(three)
    normalised(model, 32, monkeypatch)
    monkeypatch.setattr("MMEdu.engine.feed.split_batches", lambda order, size: [order[:1]])
    with pytest.raises(ParameterInvalid, match="cannot train with a single picture"):
        model.train(epochs=1, batch_size=2, save_fold=tmp_path / "out")


def test_the_estimate_is_near_what_a_step_keeps():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4))
    before = [buffer.clone() for buffer in model.buffers()]
    state = torch.get_rng_state()
    found = footprint.sample_bytes(model, lambda size: model(torch.ones(size, 1, 20, 20)).sum())
    kept = 4 * (20 * 20 + 4 * 18 * 18 + 4 * 16 * 16)
    assert kept <= found <= 3 * kept
    assert all(torch.equal(a, b) for a, b in zip(before, model.buffers(), strict=True))
    assert torch.equal(state, torch.get_rng_state())


def test_the_estimate_leaves_nothing_behind():
    """An activation saves its own output: kept by a hook as it is, it would keep itself and all before it."""
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU())
    seen: list[weakref.ref[torch.Tensor]] = []
    model.register_forward_hook(lambda _, __, output: seen.append(weakref.ref(output)))
    footprint.sample_bytes(model, lambda size: model(torch.ones(size, 1, 20, 20)).exp().sum())
    gc.collect()
    assert len(seen) == 2
    assert [ref() for ref in seen] == [None, None]


@pytest.mark.parametrize(("room", "expected"), [(10_000, 32), (3_300, 32), (3_299, 16), (900, 8), (0, 1)])
def test_the_batch_is_halved_until_it_fits(room, expected):
    assert footprint.fitting_batch(32, 100, 100, room) == expected


def test_a_container_has_less_than_its_machine(tmp_path, monkeypatch):
    limit, usage = tmp_path / "max", tmp_path / "current"
    limit.write_text("5000\n", encoding="ascii")
    usage.write_text("2000\n", encoding="ascii")
    monkeypatch.setattr(memory, "_CGROUP_FILES", ((str(limit), str(usage)),))
    assert memory.available_bytes() == 3000
    (tmp_path / "memory.stat").write_text("anon 1500\ninactive_file 400\n", encoding="ascii")
    assert memory.available_bytes() == 3400
    limit.write_text("max\n", encoding="ascii")
    assert memory.available_bytes() > 3000


def test_precision_is_chosen_by_hardware_and_recipe(monkeypatch):
    cpu = torch.device("cpu")
    monkeypatch.setattr("MMEdu.engine.device.cpu_has_bfloat16", lambda: True)
    assert choose_precision("auto", cpu, bfloat16_wins=True).name == "bfloat16"
    assert choose_precision("auto", cpu, bfloat16_wins=False).name == "float32"
    monkeypatch.setattr("MMEdu.engine.device.cpu_has_bfloat16", lambda: False)
    assert choose_precision("auto", cpu, bfloat16_wins=True).name == "float32"
    assert choose_precision("bfloat16", cpu, bfloat16_wins=False).name == "bfloat16"
    with pytest.raises(ParameterInvalid, match=r"float16.*cannot be used on cpu"):
        choose_precision("float16", cpu, bfloat16_wins=False)


@pytest.mark.full
def test_a_set_larger_than_the_cache_trains_to_the_same_numbers(make_imagenet, tmp_path, monkeypatch):
    data = make_imagenet(tmp_path / "数据 集", train=4, val=2, size=(120, 160), suffix=".jpg", gray=False)
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "家"))
    logs = []
    for number, megabytes in enumerate(("100", "0.05")):
        monkeypatch.setenv("MMEDU_CACHE", megabytes)
        model, _ = prepared(data, "ResNet18")
        log = model.train(epochs=2, batch_size=4, image_size=48, random_seed=4, save_fold=tmp_path / str(number))
        logs.append([line["loss"] for line in log[1:]])
    assert logs[0] == logs[1]


def test_a_checkpoint_is_continued_from(dataset, tmp_path):
    model, events = prepared(dataset)
    first = model.train(epochs=6, lr=0.1, batch_size=4, random_seed=1, save_fold=tmp_path / "a")
    log = model.train(epochs=1, lr=1e-9, checkpoint=tmp_path / "a" / "latest.pth", save_fold=tmp_path / "b")
    assert log[-1]["loss"] == pytest.approx(first[-1]["loss"], rel=1e-3)
    assert "Starting from the weights" in notices(events)


def test_a_head_for_other_classes_stays_fresh_and_is_said(make_imagenet, dataset, tmp_path):
    model, _ = prepared(dataset)
    model.train(epochs=1, save_fold=tmp_path / "a")
    other, events = prepared(make_imagenet(tmp_path / "three", classes=("a", "b", "c")))
    other.train(epochs=1, checkpoint=tmp_path / "a" / "latest.pth", save_fold=tmp_path / "b")
    assert "made for 2 classes: 2 weights stay fresh" in notices(events)
