"""The options of ``mmedu train`` are the arguments of the tasks, and the backbone says which task is meant."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pytest
import typer

from BaseDT.argument_schema import argument
from MMEdu.actions.choose import task_of
from MMEdu.cli import app
from MMEdu.tasks import registry
from MMEdu.tasks.arguments import TrainArguments


@dataclass(frozen=True, kw_only=True)
class ToyArguments(TrainArguments):
    """A task with arguments of its own."""

    mask_weight: float = argument(0.5, "Weight of the masks.", "掩膜的权重。", least=0)
    mirror_masks: bool = argument(False, "Mirror the masks.", "镜像掩膜。")
    on_mask: object = argument(None, "Called with each mask.", "每个掩膜调用一次。", python_only=True)


@pytest.fixture
def toy():
    spec = dataclasses.replace(
        registry.find("classification"), name="toy", train_arguments=f"{__name__}:ToyArguments", is_dataset=""
    )
    registry.register(spec)
    yield spec
    registry.unregister(spec)


def _options():
    return {one.name: one for one in typer.main.get_command(app).commands["train"].params}


def test_a_field_of_a_task_is_an_option(toy, monkeypatch):
    monkeypatch.setattr(type(toy), "part", _part_of(toy, type(toy).part))
    options = _options()
    assert options["mask_weight"].opts == ["--mask-weight"]
    assert options["mask_weight"].help == "Weight of the masks."
    assert (options["mirror_masks"].opts, options["mirror_masks"].secondary_opts) == (["--mirror-masks"], [])
    assert "on_mask" not in options


def _part_of(toy, part):
    """The dataclass of this file, which cannot be imported by name."""
    return lambda spec, name: ToyArguments if (spec.name, name) == (toy.name, "train_arguments") else part(spec, name)


def test_without_that_task_there_is_no_such_option():
    assert "mask_weight" not in _options()


def test_what_differs_between_tasks_is_in_the_help(monkeypatch):
    monkeypatch.setenv("MMEDU_LANG", "zh")
    options = _options()
    assert "分类 0.01，检测 0.001" in options["lr"].help
    assert "分类 checkpoints/cls_model，检测 checkpoints/det_model" in options["save_fold"].help


def test_what_one_needs_first_comes_first_and_a_new_option_last(toy, monkeypatch):
    monkeypatch.setattr(type(toy), "part", _part_of(toy, type(toy).part))
    names = list(_options())
    assert names[:4] == ["data", "backbone", "epochs", "lr"]
    assert names[-3:] == ["mask_weight", "mirror_masks", "as_json"]


@pytest.mark.parametrize(
    ("backbone", "task"),
    [
        ("LeNet", "classification"),
        ("efficientnet_b0", "classification"),
        ("no such model", "classification"),
        ("SSD_Lite", "detection"),
        ("ssd_lite", "detection"),
    ],
)
def test_the_backbone_tells_the_task(tmp_path, backbone, task):
    assert task_of(backbone, tmp_path).name == task


@pytest.mark.parametrize(("name", "task"), [("SSD_Lite", "detection"), ("LeNet", "classification")])
def test_a_recipe_tells_the_task_by_its_backbone(tmp_path, name, task):
    recipe = tmp_path / "配 置.toml"
    recipe.write_text(f'backbone = "{name}"\n', encoding="utf-8")
    assert task_of(str(recipe), tmp_path).name == task


def test_a_detector_is_trained_by_its_recipe(mmedu, tmp_path, monkeypatch):
    trained = []
    monkeypatch.setattr("MMEdu.detection.MMDetection.load_dataset", lambda self, path, **_: trained.append(path))
    monkeypatch.setattr("MMEdu.detection.MMDetection.train", lambda self, **_: trained.append(self.backbone))
    (tmp_path / "detector.toml").write_text('backbone = "SSD_Lite"\nbatch_size = 2\n', encoding="utf-8")
    ended = mmedu("train", tmp_path, "--backbone", tmp_path / "detector.toml")
    assert ended.code == 0, ended.err
    assert trained == [tmp_path, "SSD_Lite"]


def test_a_recipe_that_is_not_there_is_named(mmedu, dataset):
    ended = mmedu("train", dataset, "--backbone", "no such.toml")
    assert ended.code == 1
    assert "Error Code: -204. " in ended.err


def test_flip_can_be_asked_for_refused_and_left_to_the_recipe():
    option = _options()["flip"]
    assert (option.opts, option.secondary_opts, option.default) == (["--flip"], ["--no-flip"], None)
    assert _options()["fit"].default is None


@pytest.mark.parametrize(
    ("words", "fit", "flip"), [([], None, None), (["--fit", "stretch", "--no-flip"], "stretch", False)]
)
def test_fit_and_flip_reach_the_training(mmedu, dataset, monkeypatch, words, fit, flip):
    asked = {}
    monkeypatch.setattr("MMEdu.MMClassification.train", lambda _, **values: asked.update(values))
    mmedu("train", dataset, "--backbone", "LeNet", *words)
    assert (asked.get("fit"), asked.get("flip")) == (fit, flip)
