"""``mmedu train``: the five lines as one command."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from PIL import Image

REPORT = {"curves.png", "confusion_matrix.png", "per_class.csv"}


def test_json_is_all_that_stands_on_stdout(trained):
    ended = trained.ended
    told = json.loads(ended.out)
    assert ended.code == 0
    assert "狗" in ended.out  # as people read it
    assert told["classes"] == ["狗", "猫"]
    assert (told["backbone"], told["epochs"], told["random_seed"]) == ("LeNet", 4, 3)
    assert told["best_checkpoint"].endswith(f"best_accuracy_top-1_epoch_{told['best_epoch']}.pth")
    assert set(told["metrics"]) == {"accuracy_top-1", "loss"}
    assert "Epoch [1][" in ended.err  # progress is for people


def test_json_names_files_that_exist(trained):
    told = json.loads(trained.ended.out)
    files = {path.name: path for path in trained.folder.iterdir()}
    paths = [told[key] for key in ("best_checkpoint", "latest_checkpoint", "log")] + told["report"]
    assert all(str(files[path.rpartition("/")[2].rpartition("\\")[2]]) == path for path in paths)
    assert {path.rpartition("/")[2].rpartition("\\")[2] for path in told["report"]} >= REPORT


def test_a_person_reads_where_the_results_lie(mmedu, dataset):
    ended = mmedu("train", dataset, "--epochs", "1", "--save-fold", "模 型[1]")
    assert ended.code == 0
    assert "模 型[1]" in ended.out
    assert "best checkpoint: " in ended.out
    assert "loss and accuracy: " in ended.out
    assert "\x1b" not in ended.out


def test_without_validation_no_best_checkpoint_is_claimed(mmedu, dataset):
    mmedu("train", dataset, "--epochs", "1", "--save-fold", "run")
    ended = mmedu("train", dataset, "--epochs", "1", "--save-fold", "run", "--no-validate", "--json")
    told = json.loads(ended.out)
    assert told["best_checkpoint"] is None
    assert told["metrics"] is None
    assert told["latest_checkpoint"].endswith("latest.pth")


def test_every_option_reaches_the_training(mmedu, dataset, monkeypatch):
    given: dict[str, object] = {}

    def train(self: object, **arguments: object) -> None:
        given.update(arguments)
        self.save_fold = "run"  # type: ignore[attr-defined]

    monkeypatch.setattr("MMEdu.classification.MMClassification.train", train)
    options = "--epochs 7 --lr 0.5 --weight-decay 0 --batch-size 3 --optimizer Adam --device auto --precision float32"
    more = (
        "--image-size 32 --random-seed 9 --early-stop 2 --max-keep-ckpts 1 --devices 2 --distributed --resume --balance"
        " --pretrained --tag V2"
    )
    ended = mmedu("train", dataset, *options.split(), *more.split(), "--checkpoint", "a.pth", "--save-fold", "b")
    assert ended.code == 0, ended.err
    expected = {"epochs": 7, "lr": 0.5, "weight_decay": 0, "batch_size": 3, "optimizer": "Adam", "device": "auto"}
    expected |= {"precision": "float32", "image_size": 32, "random_seed": 9, "early_stop": 2, "max_keep_ckpts": 1}
    expected |= {"devices": 2, "distributed": True, "resume": True, "balance": "auto", "validate": True}
    expected |= {"pretrained": "V2", "flip": None}
    assert {name: str(given.pop(name)) for name in ("checkpoint", "save_fold")} == {
        "checkpoint": "a.pth",
        "save_fold": "b",
    }
    assert given == expected


def test_the_defaults_are_those_of_the_documents(mmedu, dataset, monkeypatch):
    import inspect

    from MMEdu import MMClassification

    defaults = {name: p.default for name, p in inspect.signature(MMClassification.train).parameters.items()}
    given: dict[str, object] = {}

    def train(self: object, **arguments: object) -> None:
        given.update(arguments)
        self.save_fold = "run"  # type: ignore[attr-defined]

    monkeypatch.setattr(MMClassification, "train", train)
    assert mmedu("train", dataset).code == 0
    assert given == {name: defaults[name] for name in given}


def test_a_run_is_resumed(mmedu, dataset):
    base = ("train", dataset, "--save-fold", "run", "--random-seed", "5", "--json")
    mmedu(*base, "--epochs", "1")
    told = json.loads(mmedu(*base, "--epochs", "2", "--resume").out)
    assert told["epochs"] == 2


def test_a_damaged_picture_is_named_and_can_be_left_out(mmedu, dataset):
    picture = next((dataset / "training_set" / "猫").glob("*.png"))
    picture.write_bytes(picture.read_bytes()[:-20])
    ended = mmedu("train", dataset, "--epochs", "1")
    assert ended.code == 1
    assert picture.name in ended.err
    assert "--skip-damaged" in ended.err
    ended = mmedu("train", dataset, "--epochs", "1", "--skip-damaged")
    assert ended.code == 0
    assert picture.name in ended.out


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("--backbone LeNte", "Error Code: -302. No such backbone: 'LeNte'.\nDid you mean 'LeNet'?"),
        ("--lr 0", "Error Code: -305. lr=0.0 cannot be used."),
        ("--epochs 0", "Error Code: -305. epochs=0 cannot be used."),
        ("--optimizer SDG", "Error Code: -305. optimizer='SDG' cannot be used.\nDid you mean 'SGD'?"),
        ("--resume", "Error Code: -604. There is no run to resume in"),
        ("--checkpoint none.pth", "Error Code: -102. No such checkpoint file: none.pth"),
        ("--image-size 64", "Error Code: -305. image_size=64: LeNet works at 32 only.\nLeave --image-size out"),
    ],
)
def test_a_value_that_cannot_work_is_named(mmedu, dataset, options, text):
    ended = mmedu("train", dataset, *options.split())
    assert ended.code == 1
    assert text in ended.err


@pytest.mark.parametrize("options", ["--no-check --skip-damaged", "--devices 2", "--epochs many", "--lr"])
def test_options_that_contradict_are_a_usage_error(mmedu, dataset, options):
    assert mmedu("train", dataset, *options.split()).code == 2


def test_an_image_file_is_no_dataset(mmedu, tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "图 片.png")
    ended = mmedu("train", tmp_path / "图 片.png")
    assert ended.code == 1
    assert ended.err.startswith("Error Code: -")


def test_only_the_leading_process_of_a_torchrun_tells(mmedu, dataset, monkeypatch):
    def train(self: object, **_arguments: object) -> None:
        self.save_fold = "run"  # type: ignore[attr-defined]

    monkeypatch.setattr("MMEdu.classification.MMClassification.train", train)
    monkeypatch.setenv("RANK", "1")
    assert mmedu("train", dataset, "--json").out == ""


def test_a_real_process_keeps_stdout_for_json(dataset, tmp_path):
    command = [
        sys.executable,
        "-m",
        "MMEdu",
        "train",
        dataset,
        "--epochs",
        "1",
        "--save-fold",
        tmp_path / "r",
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["epochs"] == 1


@pytest.mark.parametrize(("given", "meant"), [("backbone", "backbone"), ("2", 2)])
def test_what_is_kept_of_a_backbone_reaches_the_training(mmedu, dataset, monkeypatch, given, meant):
    arguments: dict[str, object] = {}

    def train(self: object, **given: object) -> None:
        arguments.update(given)
        self.save_fold = "run"  # type: ignore[attr-defined]

    monkeypatch.setattr("MMEdu.classification.MMClassification.train", train)
    start = ("--checkpoint", "a.pth", "--views", "3")
    assert mmedu("train", dataset, "--freeze", given, "--backbone-lr", "0.1", *start).code == 0
    assert (arguments["freeze"], arguments["backbone_lr"], arguments["views"]) == (meant, 0.1, 3)
