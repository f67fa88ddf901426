"""``MMClassification(...)``, its attributes, ``sota`` and ``load_dataset``, as the documents show them."""

from __future__ import annotations

import inspect
import json
import shutil
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from BaseDT.errors import BackboneUnknown, DatasetInvalid, DatasetNotFound, ParameterInvalid, ParameterUnknown
from MMEdu import MMClassification as cls

pytestmark = pytest.mark.usefixtures("workplace")

NINE = ["LeNet", "MobileNet", "ResNet18", "ResNet50", "RegNet", "RepVGG", "ResNeXt", "ShuffleNet_v2", "VGG"]


def documented(function: object) -> dict[str, object]:
    """Name, in order, every parameter that may be given by position, with its default."""
    parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    return {p.name: p.default for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "self"}


def test_the_constructor_has_the_documented_parameters():
    assert list(documented(cls)) == ["backbone", "num_classes", "dataset_path"]
    assert documented(cls)["backbone"] == "LeNet"
    assert documented(cls)["num_classes"] == -1


def test_train_has_the_documented_parameters_in_their_order():
    assert documented(cls.train) == {
        "random_seed": 0,
        "save_fold": None,
        "distributed": False,
        "validate": True,
        "device": "cpu",
        "metric": "accuracy",
        "save_best": "auto",
        "optimizer": "SGD",
        "epochs": 100,
        "lr": 0.01,
        "weight_decay": 0.001,
        "checkpoint": None,
        "batch_size": None,
        "topk": None,
    }


def test_what_is_ours_in_train_is_given_by_name_only():
    ours = {p.name: p.default for p in inspect.signature(cls.train).parameters.values() if p.kind is p.KEYWORD_ONLY}
    assert ours == {
        "resume": False,
        "precision": "auto",
        "image_size": None,
        "balance": None,
        "early_stop": None,
        "max_keep_ckpts": None,
        "freeze": None,
        "views": None,
        "fit": None,
        "flip": None,
        "backbone_lr": None,
        "pretrained": None,
        "devices": None,
        "listener": None,
        "stop": None,
    }


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("load_dataset", {"path": inspect.Parameter.empty, "check": True}),
        (
            "inference",
            {
                "device": "cpu",
                "checkpoint": None,
                "image": None,
                "show": True,
                "save_fold": "cls_result",
                "class_path": None,
            },
        ),
        ("load_checkpoint", {"checkpoint": None, "device": "cpu"}),
        ("fast_inference", {"image": None, "show": True, "save_fold": "cls_result", "verbose": True}),
        ("print_result", {"res": None}),
    ],
)
def test_the_other_methods_have_the_documented_parameters(method, parameters):
    found = documented(getattr(cls, method))
    if method == "fast_inference":
        found["image"] = None  # the documents give it no default
    assert found == parameters


def test_lenet_is_the_default():
    assert cls().backbone == "LeNet"


@pytest.mark.parametrize("name", ["ResNet18", "resnet18", "RESNET18", "ReSnEt18"])
def test_letter_case_of_a_backbone_is_ignored(name):
    assert cls(name).backbone == cls(backbone=name).backbone == "ResNet18"


def test_the_attributes_that_a_user_sets_are_there_and_keep_what_they_are_given():
    model = cls("LeNet")
    model.num_classes = 3
    model.save_fold = "我的 模型"
    model.checkpoint = Path("a.pth")
    assert (model.num_classes, model.save_fold, model.checkpoint) == (3, "我的 模型", Path("a.pth"))


def test_num_classes_may_be_given_at_once():
    assert cls("LeNet", num_classes=3).num_classes == 3
    assert cls("LeNet", 3).num_classes == 3


def test_sota_lists_the_nine_models_on_the_class_and_on_an_instance():
    assert set(NINE) <= set(cls.sota())
    assert cls("ResNet18").sota() == cls.sota()
    assert all(type(name) is str for name in cls.sota())


def test_what_a_user_does_with_the_list_of_models_stays_his():
    cls.sota().clear()
    assert cls.sota()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("ResNet81", "ResNet18"), ("LeNet6", "LeNet"), ("moblienet", "MobileNet"), ("shufflenetv2", "ShuffleNet_v2")],
)
def test_an_unknown_backbone_is_named_with_the_nearest_and_with_all_there_are(written, meant, refused):
    with refused(BackboneUnknown) as caught:
        cls(written)
    assert written in caught.value.message
    assert f"'{meant}'" in caught.value.hint
    assert all(name in caught.value.hint for name in NINE)


@pytest.mark.parametrize("backbone", [None, 5, [], "", " ", "latest.pt h"])
def test_what_is_no_backbone_at_all_is_an_error_too(backbone, refused):
    with refused(BackboneUnknown):
        cls(backbone)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"backbones": "LeNet"}, "backbone"),
        ({"num_class": 3}, "num_classes"),
        ({"data_path": "x"}, "dataset_path"),
    ],
)
def test_an_unknown_parameter_is_offered_the_right_one(wrong, right, refused):
    with refused(ParameterUnknown) as caught:
        cls(**wrong)
    assert next(iter(wrong)) in caught.value.message
    assert f"Did you mean '{right}'" in caught.value.hint
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("save_fodl", "save_fold"),
        ("num_class", "num_classes"),
        ("chekpoint", "checkpoint"),
        ("save_folder", "save_fold"),
    ],
)
def test_a_misspelt_attribute_is_not_silently_ignored(wrong, right, refused):
    model = cls("LeNet")
    with refused(ParameterUnknown) as caught:
        setattr(model, wrong, "x")
    assert f"Did you mean '{right}'" in caught.value.hint


@pytest.mark.parametrize(
    "method",
    ["load_dataset", "train", "inference", "load_checkpoint", "fast_inference", "print_result", "explain"],
)
def test_an_unknown_keyword_of_any_method_is_named_before_anything_is_done(method, refused):
    with refused(ParameterUnknown) as caught:
        getattr(cls("LeNet"), method)(imgae="x.png")
    assert "imgae" in caught.value.message
    assert method in caught.value.message


def test_a_misspelt_keyword_is_offered_the_right_one(refused):
    with refused(ParameterUnknown) as caught:
        cls("LeNet").train(epoch=3)
    assert "Did you mean 'epochs'" in caught.value.hint


# load_dataset


def test_a_dataset_loads_from_a_path_or_its_text(dataset, capsys):
    for path in (dataset, str(dataset), f"{dataset}/"):
        cls("LeNet").load_dataset(path=path)
    assert "18/18" in capsys.readouterr().out


def test_dataset_path_loads_at_once(dataset, quick):
    assert cls("LeNet", dataset_path=dataset).train(epochs=1, save_fold="m")


def test_the_missing_text_files_are_made(dataset):
    cls("LeNet").load_dataset(dataset)
    assert (dataset / "classes.txt").read_text("utf-8").split() == ["狗", "猫"]
    assert len((dataset / "val.txt").read_text("utf-8").splitlines()) == 6


def test_loading_does_not_load_torch(dataset, tmp_path):
    script = tmp_path / "脚 本.py"
    script.write_text(
        "import sys\nfrom MMEdu import MMClassification as cls\n"
        "print(cls.sota())\nmodel = cls('LeNet')\nmodel.load_dataset(sys.argv[1])\n"
        "assert 'torch' not in sys.modules, 'torch was loaded'\n",
        encoding="utf-8",
    )
    subprocess.run([sys.executable, script, dataset], check=True, capture_output=True, timeout=60)


def test_a_folder_that_is_not_there_is_named_with_what_is_near(dataset, refused):
    with refused(DatasetNotFound) as caught:
        cls("LeNet").load_dataset(dataset.parent / "数据集")
    assert "数据集" in caught.value.message
    assert f"'{dataset.name}'" in caught.value.hint


@pytest.mark.parametrize("path", [None, 5, b"data", ["a", "b"]])
def test_what_is_no_path_is_named(path, refused):
    with refused(DatasetInvalid):
        cls("LeNet").load_dataset(path)


def test_a_folder_without_training_pictures_is_named(tmp_path, refused):
    (tmp_path / "图 片").mkdir()
    with refused(DatasetInvalid) as caught:
        cls("LeNet").load_dataset(tmp_path / "图 片")
    assert "training_set" in caught.value.message


def damage(dataset: Path) -> list[Path]:
    """Spoil three pictures, each in another way."""
    first, second, third = sorted((dataset / "training_set" / "猫").iterdir())[:3]
    first.write_bytes(first.read_bytes()[:150])
    second.write_bytes(b"")
    third.write_text("no picture", encoding="utf-8")
    return [first, second, third]


def test_the_check_names_every_damaged_picture_and_the_way_out(dataset, refused):
    bad = damage(dataset)
    before = [path.read_bytes() for path in bad]
    with refused(DatasetInvalid) as caught:
        cls("LeNet").load_dataset(dataset)
    assert all(path.name in str(caught.value) for path in bad)
    assert "check='skip'" in caught.value.hint.replace('"', "'")
    assert [path.read_bytes() for path in bad] == before, "a damaged file is named, never rewritten"


def test_a_gif_counts_as_damaged(dataset, refused):
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(dataset / "training_set" / "猫" / "动 图.gif")
    with refused(DatasetInvalid) as caught:
        cls("LeNet").load_dataset(dataset)
    assert "动 图.gif" in str(caught.value)


def test_skip_leaves_damaged_pictures_out_and_says_how_many(dataset, capsys, quick):
    damage(dataset)
    model = cls("LeNet")
    model.load_dataset(dataset, check="skip")
    assert "3 damaged" in capsys.readouterr().out
    assert model.train(epochs=1, save_fold="m")[0]["dataset_size"] == 9


def test_without_the_check_a_damaged_picture_is_left_out_while_training_and_named(dataset, capsys, quick):
    bad = damage(dataset)
    model = cls("LeNet")
    model.load_dataset(dataset, check=False)
    assert "Checking" not in capsys.readouterr().out
    assert np.isfinite(model.train(epochs=2, save_fold="m")[-1]["loss"])
    lines = capsys.readouterr().out.splitlines()
    for path in bad:
        (line,) = [line for line in lines if path.name in line]
        assert line.startswith("Left out")
        assert "Error Code" not in line, "the training goes on: this is a remark"


@pytest.mark.parametrize("check", ["yes", None, 2, []])
def test_check_has_three_values(dataset, check, refused):
    with refused(ParameterInvalid) as caught:
        cls("LeNet").load_dataset(dataset, check=check)
    assert "'skip'" in caught.value.hint


def test_a_second_dataset_replaces_the_first(make_imagenet, dataset, tmp_path, quick):
    model = cls("LeNet")
    model.load_dataset(dataset)
    model.train(epochs=1, save_fold="m")
    model.load_dataset(make_imagenet(tmp_path / "花", classes=("桃", "李", "梅")))
    assert model.train(epochs=1, save_fold="n")[0]["classes"] == ["李", "桃", "梅"]


def test_a_set_that_failed_to_load_leaves_the_one_before(dataset, tmp_path, quick):
    model = cls("LeNet")
    model.load_dataset(dataset)
    with pytest.raises(DatasetNotFound):
        model.load_dataset(tmp_path / "nowhere")
    assert model.train(epochs=1, save_fold="m")[0]["classes"] == ["狗", "猫"]


def test_without_val_set_a_part_is_held_out_and_the_user_is_told(dataset, capsys, quick):
    shutil.rmtree(dataset / "val_set")
    model = cls("LeNet")
    model.load_dataset(dataset)
    assert "validation" in capsys.readouterr().out
    assert model.train(epochs=1, save_fold="m")[-1]["mode"] == "val"


@pytest.mark.parametrize("arguments", [{}, {"backbone": "ResNet18", "freeze": "backbone", "image_size": 32}], ids=str)
def test_without_validation_nothing_is_held_out_and_later_trainings_validate_again(dataset, capsys, quick, arguments):
    shutil.rmtree(dataset / "val_set")
    model = cls(arguments.pop("backbone", "LeNet"))
    model.load_dataset(dataset)
    log = model.train(epochs=1, save_fold="m", validate=False, random_seed=1, **arguments)
    assert log[0]["dataset_size"] == 12
    assert log[-1]["mode"] == "train"
    assert "the 2 pictures that were kept for validation are trained on, too" in capsys.readouterr().out
    assert len(model.train(epochs=2, save_fold="m", validate=False, resume=True, **arguments)) > len(log)
    log = model.train(epochs=1, save_fold="n", **arguments)
    assert (log[0]["dataset_size"], log[-1]["mode"]) == (10, "val")


@pytest.mark.parametrize("place", [".", "training_set", "training_set/猫", "val_set/新", "training_set/../"])
def test_a_save_fold_among_the_pictures_is_refused_before_anything_is_written(dataset, refused, quick, place):
    model = cls("LeNet")
    model.load_dataset(dataset)
    before = sorted(dataset.rglob("*"))
    picture = next((dataset / "val_set").rglob("*.png"))
    for call in (
        lambda: model.train(epochs=1, save_fold=dataset / place),
        lambda: model.train(epochs=1, save_fold=dataset / place, distributed=True),
        lambda: model.inference(image=picture, save_fold=dataset / place, checkpoint=trained_elsewhere(dataset)),
    ):
        with refused(ParameterInvalid, "lies in the data set", "my_model"):
            call()
    assert sorted(dataset.rglob("*")) == before


def trained_elsewhere(dataset: Path) -> Path:
    """A checkpoint of a run that was put beside the data set."""
    folder = dataset.parent / "别处"
    if not folder.exists():
        model = cls("LeNet")
        model.load_dataset(dataset, check=False)
        model.train(epochs=1, save_fold=folder)
    return folder / "latest.pth"


def test_a_save_fold_beside_or_around_the_pictures_is_taken(dataset, monkeypatch, quick):
    monkeypatch.chdir(dataset.parent)
    model = cls("LeNet")
    model.load_dataset(dataset)
    for place in (dataset / "checkpoints", Path(), dataset.parent / f"{dataset.name} 2"):
        model.train(epochs=1, save_fold=place)
    flat = (dataset / "training_set").rename(dataset.parent / "平 铺")
    model.load_dataset(flat)
    with pytest.raises(ParameterInvalid, match="lies in the data set"):
        model.train(epochs=1, save_fold=flat / "model")
    monkeypatch.chdir(flat)
    model.train(epochs=1)  # the default, which is no class: it holds no picture itself
    model.load_dataset(".")
    assert model.train(epochs=1)[0]["classes"] == ["狗", "猫"]


def test_a_notebook_shows_a_line_of_the_log_which_is_a_list(dataset, quick):
    model = cls("LeNet")
    model.load_dataset(dataset)
    log = model.train(epochs=2, save_fold="m")
    texts = []
    log._repr_pretty_(types.SimpleNamespace(text=texts.append), cycle=False)
    assert len(texts) == 1
    assert texts[0].startswith(f"A log of {len(log)} lines. The last: {{'mode': 'val'")
    assert isinstance(log, list)
    assert json.loads(json.dumps(log)) == log == list(log)


def test_a_val_set_is_never_trained_on(dataset, quick):
    model = cls("LeNet")
    model.load_dataset(dataset)
    assert model.train(epochs=1, save_fold="m", validate=False)[0]["dataset_size"] == 12
