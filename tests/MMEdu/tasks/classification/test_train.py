"""Every documented argument of ``train`` and what it does, seen from outside: log, files, weights.

The engine's own tests hold what a run does beyond that (resume, memory, NaN, several processes).
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from pathlib import Path

import pytest
import torch

from BaseDT.errors import (
    CheckpointInvalid,
    CheckpointNotFound,
    ClassCountMismatch,
    DatasetNotLoaded,
    DeviceUnavailable,
    ParameterInvalid,
    PathNotWritable,
    ValidateNotBoolean,
)
from MMEdu import MMClassification as cls

pytestmark = pytest.mark.usefixtures("workplace", "quick")

TINY = 1e-30  # a learning rate that leaves every weight as it is


@pytest.fixture
def model(dataset):
    """A LeNet with two classes loaded, 6 pictures of each to train on and 3 to validate with."""
    model = cls("LeNet")
    model.load_dataset(dataset, check=False)
    return model


@pytest.fixture
def six(make_imagenet, tmp_path):
    """A LeNet with six classes."""
    model = cls("LeNet")
    model.load_dataset(make_imagenet(tmp_path / "六 类", classes="abcdef", train=4, val=3))
    return model


def lines(log, mode):
    return [line for line in log if line["mode"] == mode]


def saved(folder, name="latest.pth"):
    return torch.load(Path(folder) / name, weights_only=True)


def optimizer_of(folder):
    return saved(folder)["optimizer"]["optimizers"]["main"]


def names(folder, pattern="*.pth"):
    return sorted(path.name for path in Path(folder).glob(pattern))


# What a training returns and leaves


def test_it_returns_the_lines_of_the_log_file(model):
    log = model.train(epochs=2, save_fold="模 型")
    (file,) = Path("模 型").glob("*.log.json")
    assert re.fullmatch(r"\d{8}_\d{6}\.log\.json", file.name)
    assert [json.loads(line) for line in file.read_text("utf-8").splitlines()] == log
    assert json.loads(json.dumps(log)) == log


def test_the_log_holds_the_environment_then_a_line_per_epoch_and_validation(model):
    log = model.train(epochs=2)
    assert [line["mode"] for line in log] == ["env", "train", "val", "train", "val"]
    assert log[0]["backbone"] == "LeNet"
    assert log[0]["classes"] == ["狗", "猫"]
    assert {"mode", "epoch", "iter", "lr", "memory", "data_time", "loss", "time"} <= log[1].keys()
    assert {"mode", "epoch", "iter", "lr", "accuracy_top-1"} <= log[2].keys()
    assert [line["epoch"] for line in log[1:]] == [1, 1, 2, 2]


def test_it_prints_the_documented_line(model, capsys):
    model.train(epochs=1, batch_size=6)
    out = capsys.readouterr().out
    assert re.search(
        r"^Epoch \[1\]\[2/2\]\s+lr: \S+, eta: \S+, time: \S+, data_time: \S+, memory: \S+, loss: \S+$", out, re.M
    )
    assert re.search(r"^Epoch.*accuracy_top-1: \S+", out, re.M)


def test_accuracies_are_percent(model):
    log = model.train(epochs=15, batch_size=4, optimizer="Adam", random_seed=3)
    assert lines(log, "val")[-1]["accuracy_top-1"] == 100.0
    assert 0.0 <= lines(log, "val")[0]["accuracy_top-1"] <= 100.0


def test_the_files_have_the_documented_names(model):
    model.train(epochs=3, save_fold="模 型")
    best = names("模 型", "best_*")
    assert len(best) == 1
    assert re.fullmatch(r"best_accuracy_top-1_epoch_[123]\.pth", best[0])
    assert names("模 型") == sorted([*best, "epoch_1.pth", "epoch_2.pth", "epoch_3.pth", "latest.pth"])


def test_checkpoints_carry_the_documented_description(model, dataset):
    model.train(epochs=2, lr=0.02, save_fold="模 型")
    for file in ("epoch_1.pth", "latest.pth"):
        meta = saved("模 型", file)["meta"]
        assert meta["CLASSES"] == ["狗", "猫"]
        assert meta["tool"].startswith("MMEdu 3.")
        assert (meta["task"], meta["backbone"], meta["device"]) == ("classification", "LeNet", "cpu")
        assert (meta["dataset_size"], meta["learning_rate"]) == (12, 0.02)
        assert meta["time"]
        assert meta["preprocess"]["size"] == [32, 32]
    assert saved("模 型", "epoch_1.pth")["meta"]["epoch"] == 1
    assert saved("模 型").keys() - saved("模 型", "epoch_1.pth").keys() == {"optimizer", "rng"}


def test_nothing_else_appears_where_the_script_runs(model, workplace):
    model.train(epochs=1)
    assert [path.name for path in workplace.iterdir()] == ["checkpoints"]


# epochs, save_fold


@pytest.mark.parametrize("epochs", [1, 3])
def test_epochs_is_how_often_the_set_is_seen(model, epochs):
    log = model.train(epochs=epochs, save_fold="m")
    assert len(lines(log, "val")) == epochs
    assert names("m", "epoch_*") == [f"epoch_{n}.pth" for n in range(1, epochs + 1)]


def test_the_default_folder_is_the_documented_one(model):
    model.train(epochs=1)
    assert Path("checkpoints/cls_model/latest.pth").is_file()


def test_save_fold_of_the_model_is_used(model):
    model.save_fold = Path("新 的") / "模型"
    model.train(epochs=1)
    assert Path("新 的/模型/latest.pth").is_file()
    assert not Path("checkpoints").exists()


def test_save_fold_of_the_call_wins(model):
    model.save_fold = "a"
    model.train(epochs=1, save_fold="b")
    assert Path("b/latest.pth").is_file()
    assert not Path("a").exists()


def test_save_fold_that_is_a_file_is_named(model, refused):
    Path("模 型").write_text("x", encoding="utf-8")
    with refused(PathNotWritable) as caught:
        model.train(epochs=1, save_fold="模 型")
    assert "模 型" in caught.value.message


@pytest.mark.parametrize("save_fold", [5, ["m"], "a\0b"])
def test_save_fold_that_is_no_path_is_named(model, save_fold, refused):
    with refused(ParameterInvalid) as caught:
        model.train(epochs=1, save_fold=save_fold)
    assert "save_fold" in caught.value.message
    model.save_fold = save_fold
    with refused(ParameterInvalid):
        model.train(epochs=1)


# batch_size


def test_without_batch_size_the_recipe_gives_it(model):
    assert model.train(epochs=1)[0]["batch_size"] == 64


@pytest.mark.parametrize(("batch_size", "steps"), [(1, 12), (2, 6), (5, 3), (11, 1), (12, 1), (64, 1)])
def test_batch_size_decides_the_steps_and_a_last_batch_of_one_joins_the_one_before(model, batch_size, steps):
    log = model.train(epochs=1, batch_size=batch_size)
    assert log[0]["batch_size"] == batch_size
    assert lines(log, "train")[-1]["iter"] == steps


def test_a_line_every_ten_iterations_and_one_at_the_end(model):
    log = model.train(epochs=1, batch_size=1)
    assert [line["iter"] for line in lines(log, "train")] == [10, 12]


def test_batches_of_one_work_with_batch_normalisation_or_are_refused_by_name(dataset):
    """At 32 pixels the last feature map is one pixel: a batch of one has nothing to normalise over."""
    model = cls("ShuffleNet_v2")
    model.load_dataset(dataset, check=False)
    with contextlib.suppress(ParameterInvalid):
        log = model.train(epochs=1, batch_size=1, image_size=32)
        assert math.isfinite(lines(log, "train")[-1]["loss"])


# validate, metric, save_best, topk


def test_validate_false_measures_nothing_and_knows_no_best(model):
    log = model.train(epochs=2, validate=False, save_fold="m")
    assert not lines(log, "val")
    assert names("m") == ["epoch_1.pth", "epoch_2.pth", "latest.pth"]


@pytest.mark.parametrize("validate", [1, 0, "True", None])
def test_validate_is_a_boolean(model, validate, refused):
    with refused(ValidateNotBoolean):
        model.train(epochs=1, validate=validate)


@pytest.mark.parametrize("metric", ["precision", "recall", "f1_score"])
def test_another_metric_is_logged_and_names_the_best_file(model, metric):
    log = model.train(epochs=1, metric=metric, save_fold="m")
    assert 0.0 <= lines(log, "val")[0][metric] <= 100.0
    assert "accuracy_top-1" in lines(log, "val")[0]
    assert names("m", "best_*") == [f"best_{metric}_epoch_1.pth"]


@pytest.mark.parametrize(
    ("topk", "logged", "best"),
    [
        (None, {1, 5}, 5),
        ((1,), {1}, 1),
        ((5,), {1, 5}, 5),
        ((1, 2, 5), {1, 2, 5}, 1),
        ([2, 3], {1, 2, 3}, 2),
        (3, {1, 3}, 3),
        (6, {1, 6}, 6),
    ],
)
def test_topk_of_six_classes(six, topk, logged, best):
    (line,) = lines(six.train(epochs=1, topk=topk, save_fold="m"), "val")
    assert {int(name[13:]) for name in line if name.startswith("accuracy_top-")} == logged
    assert names("m", "best_*") == [f"best_accuracy_top-{best}_epoch_1.pth"]


def test_what_the_documented_choice_of_the_best_epoch_means_is_said_once_and_top_1_comes_first(six, capsys):
    (line,) = lines(six.train(epochs=1, save_fold="m"), "val")
    assert [name for name in line if name.startswith("accuracy")] == ["accuracy_top-1", "accuracy_top-5"]
    out = capsys.readouterr().out
    assert out.count("among the five likeliest") == 1
    assert "accuracy_top-1: " in out.split("Epoch(val)")[1].split(",")[0]
    six.train(epochs=1, save_fold="n", topk=1)
    assert "likeliest" not in capsys.readouterr().out


def test_up_to_five_classes_top_1_is_the_default(make_imagenet, tmp_path):
    model = cls("LeNet")
    model.load_dataset(make_imagenet(tmp_path / "五 类", classes="abcde", train=2, val=1))
    (line,) = lines(model.train(epochs=1), "val")
    assert [name for name in line if name.startswith("accuracy")] == ["accuracy_top-1"]


def test_more_of_the_best_classes_never_make_the_accuracy_lower(six):
    (line,) = lines(six.train(epochs=1, topk=(1, 2, 3, 6)), "val")
    accuracies = [line[f"accuracy_top-{k}"] for k in (1, 2, 3, 6)]
    assert accuracies == sorted(accuracies)
    assert accuracies[-1] == 100.0


@pytest.mark.parametrize("topk", [0, (0,), (7,), (), "1", 1.0, True, (1, "2"), -1])
def test_a_topk_that_cannot_be_names_what_could(six, topk, refused):
    with refused(ParameterInvalid) as caught:
        six.train(epochs=1, topk=topk)
    assert "topk" in caught.value.message
    assert "6" in caught.value.hint


def test_save_best_chooses_among_what_is_measured(six):
    six.train(epochs=1, topk=(5, 2), save_best="accuracy_top-2", save_fold="m")
    assert names("m", "best_*") == ["best_accuracy_top-2_epoch_1.pth"]


def test_save_best_of_something_else_is_offered_what_there_is(six, refused):
    with refused(ParameterInvalid) as caught:
        six.train(epochs=1, save_best="accuracy_top1")
    assert "Did you mean 'accuracy_top-1'" in caught.value.hint


# optimizer, lr, weight_decay, random_seed


def test_sgd_with_momentum_is_the_default(model):
    model.train(epochs=1, save_fold="m")
    (group,) = optimizer_of("m")["param_groups"]
    assert (group["momentum"], group["weight_decay"]) == (0.9, 0.001)
    assert "momentum_buffer" in optimizer_of("m")["state"][0]


@pytest.mark.parametrize(("name", "keeps"), [("Adam", "exp_avg"), ("AdamW", "exp_avg"), ("Adagrad", "sum")])
def test_the_other_optimizers(model, name, keeps):
    assert model.train(epochs=1, optimizer=name, save_fold="m")[0]["optimizer"] == name
    assert keeps in optimizer_of("m")["state"][0]


@pytest.mark.parametrize("written", ["sgd", "adam", "SDG", "Adamm", None, 5])
def test_an_optimizer_that_there_is_not_is_refused_with_those_there_are(model, written, refused):
    with refused(ParameterInvalid) as caught:
        model.train(epochs=1, optimizer=written)
    assert all(name in caught.value.hint for name in ("SGD", "Adam", "Adagrad"))


def test_a_misspelt_optimizer_is_offered_the_right_one(model, refused):
    with refused(ParameterInvalid) as caught:
        model.train(epochs=1, optimizer="sgd")
    assert "Did you mean 'SGD'" in caught.value.hint


def test_the_documented_learning_rate_is_the_default_and_another_wins(model):
    assert lines(model.train(epochs=1), "train")[0]["lr"] == 0.01
    assert lines(model.train(epochs=1, lr=0.002), "train")[0]["lr"] == 0.002


def test_the_recipe_of_lenet_lowers_the_rate_at_epoch_15(model):
    rates = [line["lr"] for line in lines(model.train(epochs=16, validate=False), "train")]
    assert rates == [0.01] * 15 + [0.001]


def test_weight_decay_reaches_the_optimizer(model):
    model.train(epochs=1, weight_decay=0.25, save_fold="m")
    assert optimizer_of("m")["param_groups"][0]["weight_decay"] == 0.25


def losses(model, **arguments):
    return [line["loss"] for line in lines(model.train(epochs=2, batch_size=4, **arguments), "train")]


def test_a_seed_makes_a_training_repeatable_and_another_seed_another_one(model):
    assert losses(model, random_seed=7) == losses(model, random_seed=7)
    assert losses(model, random_seed=7) != losses(model, random_seed=8)


def test_seed_0_fixes_none_but_the_log_tells_the_one_that_was_drawn(model):
    first, second = model.train(epochs=1), model.train(epochs=1)
    assert first[0]["seed"] != second[0]["seed"]
    again = model.train(epochs=1, random_seed=first[0]["seed"])
    assert again[1]["loss"] == first[1]["loss"]


# device


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_the_device_is_logged(model, device):
    assert model.train(epochs=1, device=device)[0]["device"] in ("cpu", "cuda", "mps")


@pytest.mark.parametrize("device", ["gpu", "CPU", "", 0, None, "cuda:-1", "cpu:0"])
def test_a_device_that_there_is_not_is_refused(model, device, refused):
    with refused(DeviceUnavailable):
        model.train(epochs=1, device=device, save_fold="m")
    assert not Path("m").exists()


@pytest.mark.parametrize("device", [0, None])
def test_with_several_processes_too(model, device, refused):
    with refused(DeviceUnavailable):
        model.train(epochs=1, device=device, distributed=True, save_fold="m")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is CUDA")
@pytest.mark.parametrize("device", ["cuda", "cuda:0"])
def test_cuda_where_there_is_none_fails_loudly_with_the_way_out(model, device, refused):
    with refused(DeviceUnavailable) as caught:
        model.train(epochs=1, device=device, save_fold="m")
    assert "CUDA" in caught.value.message
    assert "device='cpu'" in caught.value.hint
    assert not Path("m").exists()


# checkpoint


def test_a_training_starts_from_a_checkpoint(model, trained):
    model.train(epochs=1, lr=TINY, weight_decay=0, checkpoint=trained.checkpoint, save_fold="m")
    before, after = saved(trained.folder)["state_dict"], saved("m")["state_dict"]
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_continuing_says_where_it_starts(model, trained, capsys):
    model.train(epochs=1, checkpoint=str(trained.checkpoint))
    assert str(trained.checkpoint) in capsys.readouterr().out


def test_weights_for_other_classes_are_taken_but_for_the_head_and_one_line_says_so(six, trained, capsys):
    six.train(epochs=1, lr=TINY, weight_decay=0, checkpoint=trained.checkpoint, save_fold="m")
    before, after = saved(trained.folder)["state_dict"], saved("m")["state_dict"]
    kept = [name for name in after if after[name].shape == before[name].shape]
    assert len(after) - len(kept) == 2
    assert all(torch.equal(before[name], after[name]) for name in kept)
    assert "2 classes" in capsys.readouterr().out


def test_the_file_that_a_training_starts_from_may_be_in_its_own_folder(model):
    model.train(epochs=2, save_fold="m")
    assert len(lines(model.train(epochs=3, checkpoint="m/latest.pth", save_fold="m"), "val")) == 3


def test_a_checkpoint_that_is_not_there_ends_it_before_anything_is_written(model, refused):
    with refused(CheckpointNotFound):
        model.train(epochs=1, checkpoint="nichts.pth", save_fold="m")
    assert not Path("m").exists()


def test_a_checkpoint_of_another_backbone_is_refused(dataset, trained, refused):
    model = cls("squeezenet1_1")
    model.load_dataset(dataset, check=False)
    with refused(CheckpointInvalid) as caught:
        model.train(epochs=1, image_size=32, checkpoint=trained.checkpoint, save_fold="m")
    assert "LeNet" in caught.value.message
    assert not Path("m").exists()


# What is ours


def test_the_input_size_is_that_of_the_call_and_travels_with_the_weights(dataset):
    model = cls("squeezenet1_1")
    model.load_dataset(dataset)
    model.train(epochs=1, image_size=48, batch_size=6, save_fold="m")
    assert saved("m")["meta"]["preprocess"]["size"] == [48, 48]
    assert set(model.inference(image=str(dataset / "val_set" / "猫"), show=False)[0]) >= {"pred_label"}


def test_lenet_has_one_size(model, refused):
    with refused(ParameterInvalid) as caught:
        model.train(epochs=1, image_size=64)
    assert "32" in caught.value.message
    assert model.train(epochs=1, image_size=32)


def test_an_input_too_small_for_the_model_is_refused_by_name(dataset, refused):
    model = cls("squeezenet1_1")
    model.load_dataset(dataset, check=False)
    with refused(ParameterInvalid) as caught:
        model.train(epochs=1, image_size=8, batch_size=4)
    assert "image_size" in caught.value.message


def test_bfloat16_on_request(model):
    assert model.train(epochs=1, precision="bfloat16")[0]["precision"] == "bfloat16"


def test_float16_is_for_cuda(model, refused):
    with refused(ParameterInvalid):
        model.train(epochs=1, precision="float16", save_fold="m")
    assert not Path("m").exists()


def test_a_model_without_pretrained_weights_names_those_that_have_some(model, refused):
    with refused(ParameterInvalid) as caught:
        model.train(epochs=1, pretrained=True)
    assert "checkpoint=" in caught.value.hint
    assert "MobileNet" in caught.value.hint
    assert model.train(epochs=1, pretrained=False)


# Order of calls, values that cannot be


def test_a_dataset_comes_first(refused):
    with refused(DatasetNotLoaded) as caught:
        cls("LeNet").train(epochs=1)
    assert "load_dataset" in caught.value.hint


@pytest.mark.parametrize("num_classes", [-1, 2])
def test_the_number_of_classes_is_the_datas_or_agrees_with_it(model, num_classes):
    model.num_classes = num_classes
    assert model.train(epochs=1)


@pytest.mark.parametrize("num_classes", [3, 1, 0, -2, 1000])
def test_a_number_of_classes_that_disagrees_names_both_numbers(model, num_classes, refused):
    model.num_classes = num_classes
    with refused(ClassCountMismatch) as caught:
        model.train(epochs=1, save_fold="m")
    assert str(num_classes) in caught.value.message
    assert "2 classes" in caught.value.message
    assert not Path("m").exists()


@pytest.mark.parametrize("num_classes", ["2", None, 2.5, [2]])
def test_a_number_of_classes_that_is_no_number_is_told_so(model, num_classes, refused):
    """'num_classes is 2, but the dataset has 2 classes' would help nobody."""
    model.num_classes = num_classes
    with refused(ParameterInvalid) as caught:
        model.train(epochs=1)
    assert repr(num_classes) in caught.value.message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("epochs", value) for value in (0, -1, 1.5, "10", None, True)),
        *(("batch_size", value) for value in (0, -4, 2.0, "16")),
        *(("lr", value) for value in (0, -0.1, "0.01", None, math.nan, math.inf)),
        *(("weight_decay", value) for value in (-1, "0", None, math.nan)),
        *(("random_seed", value) for value in (-1, 1.5, "1", None, 2**70)),
        *(("metric", value) for value in ("acc", "accuracy_top-1", None, [])),
        *(("save_best", value) for value in ("loss", "best", None, 5)),
        *(("distributed", value) for value in ("yes", 1, None)),
        *(("resume", value) for value in ("yes", 1)),
        *(("precision", value) for value in ("fp16", "half", None)),
        *(("image_size", value) for value in (0, -32, "32", (32, 32), 7)),
        *(("balance", value) for value in ("yes", True, 1)),
        *(("early_stop", value) for value in (0, -1, True, "3")),
        *(("max_keep_ckpts", value) for value in (0, -1, "all")),
    ],
)
def test_a_value_that_cannot_be_is_named_before_anything_is_written(model, name, value, refused):
    with refused(ParameterInvalid) as caught:
        model.train(**{"epochs": 1, "save_fold": "m", name: value})
    assert name in caught.value.message
    assert repr(value) in caught.value.message
    assert not Path("m").exists()


def test_a_model_trains_again_and_again(model):
    assert model.train(epochs=1, save_fold="m")
    assert model.train(epochs=1, save_fold="m")
    assert len(names("m", "*.log.json")) == 1
    assert len(names("m", "*/*.log.json")) == 1, "the older run lies aside"
    assert len(names("m", "best_*")) == 1
