"""Recipe files: TOML or JSON as ``backbone=``; every mistake in one is named with the file, the place, the way out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from BaseDT.errors import BackboneUnknown, RecipeInvalid
from MMEdu import MMClassification as cls
from MMEdu.models import registry
from MMEdu.models.classification.augment import Augment
from MMEdu.models.detection import augment as detection
from MMEdu.models.recipe import Schedule
from MMEdu.models.recipe_file import entry_of

WHOLE = """
backbone = "mobilenet"  # 移动
image_size = 64
batch_size = 16
bfloat16 = false

[schedule]
kind = "step"
milestones = [3, 5]
gamma = 0.5
warmup_iters = 20
warmup_ratio = 0.01

[augment]
crop_scale = [0.3, 1.0]
crop_ratio = [0.5, 2.0]
flip = 0.25
"""


@pytest.fixture
def recipe(tmp_path):
    """A function that writes a recipe file and returns its path."""

    def write(content: str | dict, name: str = "配 方.toml") -> Path:
        path = tmp_path / "我的 配方" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def refusal(path: object, kind: type[RecipeInvalid] | type[BackboneUnknown] = RecipeInvalid) -> str:
    """Check that a recipe is refused in the documented form; return message and hint."""
    with pytest.raises(kind) as caught:
        entry_of(path, "classification")  # type: ignore[arg-type]
    error = caught.value
    assert isinstance(error, ValueError)
    assert str(error).startswith(f"Error Code: {kind.code}. ")
    assert error.hint
    return str(error)


def test_a_name_is_no_file():
    assert entry_of("lenet", "classification") is registry.find("LeNet", "classification")


def test_everything_that_a_recipe_can_say_is_taken(recipe):
    entry = entry_of(str(recipe(WHOLE)), "classification")
    assert (entry.name, entry.recipe.batch_size, entry.recipe.bfloat16) == ("MobileNet", 16, False)
    assert entry.preprocess == registry.find("MobileNet", "classification").preprocess.with_size(64)
    assert entry.recipe.schedule == Schedule("step", (3, 5), 0.5, 20, 0.01)
    assert entry.recipe.augment == Augment((0.3, 1.0), (0.5, 2.0), 0.25)


def test_json_says_the_same(recipe):
    content = {
        "backbone": "MobileNet",
        "image_size": 64,
        "batch_size": 16,
        "bfloat16": False,
        "schedule": {"kind": "step", "milestones": [3, 5], "gamma": 0.5, "warmup_iters": 20, "warmup_ratio": 0.01},
        "augment": {"crop_scale": [0.3, 1.0], "crop_ratio": [0.5, 2.0], "flip": 0.25},
    }
    as_json = entry_of(str(recipe(content, "a.json")), "classification")
    assert as_json == entry_of(str(recipe(WHOLE)), "classification")


def test_what_it_does_not_say_stays_the_models(recipe):
    entry, own = (
        entry_of(recipe('backbone = "ResNet18"'), "classification"),
        registry.find("ResNet18", "classification"),
    )
    assert entry == own
    entry = entry_of(recipe('backbone = "ResNet18"\n[augment]\nflip = 0.0'), "classification")
    assert entry.recipe.augment == Augment(own.recipe.augment.crop_scale, flip=0.0)
    assert entry.recipe.schedule == own.recipe.schedule


def test_null_in_json_turns_cropping_off(recipe):
    content = {"backbone": "ResNet18", "augment": {"crop_scale": None, "flip": 0}}
    assert not entry_of(recipe(content, "a.json"), "classification").recipe.augment.changes_pixels


def test_windows_editors_may_have_written_it(recipe):
    path = recipe("")
    path.write_bytes(b"\xef\xbb\xbf" + b'backbone = "LeNet"\r\nbatch_size = 4\r\n')
    assert entry_of(path, "classification").recipe.batch_size == 4


def test_a_model_trains_by_it_and_predicts_without_it(recipe, dataset, monkeypatch, tmp_path):
    monkeypatch.setattr("MMEdu.tasks.classification.report.write", lambda *_: ())
    monkeypatch.chdir(tmp_path)
    path = recipe('backbone = "LeNet"\nbatch_size = 5\n[schedule]\nkind = "exponential"\ngamma = 0.5')
    model = cls(backbone=str(path))
    assert model.backbone == "LeNet"
    model.load_dataset(dataset, check=False)
    log = model.train(epochs=3, save_fold="m")
    assert log[0]["batch_size"] == 5
    assert [line["lr"] for line in log if line["mode"] == "val"] == [0.01, 0.005, 0.0025]
    assert model.train(epochs=1, batch_size=6, save_fold="m")[0]["batch_size"] == 6
    picture = next((dataset / "val_set" / "猫").iterdir())
    other = cls("LeNet").inference(image=picture, checkpoint="m/latest.pth", show=False)
    assert other == cls(str(path)).inference(image=picture, checkpoint="m/latest.pth", show=False)


@pytest.mark.parametrize("name", ["resnet18.py", "config.YAML", "config.yml"])
def test_a_configuration_of_another_kind_is_refused_because_it_runs_code(recipe, tmp_path, name):
    trap = tmp_path / "trap"
    path = recipe(f"import pathlib\npathlib.Path({str(trap)!r}).touch()\n", name)
    assert "TOML" in refusal(str(path))
    assert not trap.exists()


@pytest.mark.parametrize("name", ["没有.toml", "没有.json", "没有/也没有.toml"])
def test_a_recipe_that_is_not_there_is_named(name):
    assert name in refusal(name)


def test_a_folder_is_no_recipe(tmp_path):
    (tmp_path / "配方.toml").mkdir()
    assert "配方.toml" in refusal(tmp_path / "配方.toml")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("backbone = LeNet", "a.toml"),
        ("backbone", "a.toml"),
        ('backbone = "LeNet"\nbackbone = "VGG"', "a.toml"),
        ('{"backbone": "LeNet",}', "a.json"),
        ("", "a.json"),
        ("[1, 2]", "a.json"),
        ('"LeNet"', "a.json"),
        ("null", "a.json"),
    ],
)
def test_a_file_that_does_not_parse_is_named(recipe, text, name):
    assert name in refusal(recipe(text, name))


def test_the_place_of_a_slip_of_the_pen_is_named(recipe):
    assert "line 2" in refusal(recipe('backbone = "LeNet"\nbatch_size == 3'))


def test_a_file_that_is_not_utf_8_is_named(recipe):
    path = recipe("")
    path.write_bytes('backbone = "LeNet" # 配方'.encode("gbk"))
    assert "UTF-8" in refusal(path)


def test_a_recipe_names_a_backbone(recipe):
    assert "backbone" in refusal(recipe("batch_size = 4"))


def test_the_backbone_of_a_recipe_may_be_misspelt_too(recipe):
    assert "Did you mean 'ResNet18'" in refusal(recipe('backbone = "ResNet81"'), BackboneUnknown)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("batchsize = 4", "batch_size"),
        ("image_sise = 64", "image_size"),
        ("[schedules]\nkind = 'step'", "schedule"),
        ("[schedule]\nmilestone = [3]", "milestones"),
        ("[augment]\nflipp = 0.5", "flip"),
    ],
)
def test_an_unknown_name_is_offered_the_right_one(recipe, text, meant):
    assert f"Did you mean '{meant}'" in refusal(recipe(f'backbone = "ResNet18"\n{text}'))


@pytest.mark.parametrize(
    "text",
    [
        "batch_size = 0",
        "batch_size = -4",
        "batch_size = 2.5",
        'batch_size = "16"',
        "batch_size = true",
        "image_size = 0",
        "image_size = 7",
        "image_size = [64, 64]",
        'bfloat16 = "no"',
        "bfloat16 = 0",
        "schedule = 5",
        'schedule = "step"',
        "augment = []",
        "[schedule]\nkind = 'stepp'",
        "[schedule]\nkind = 5",
        "[schedule]\nmilestones = 5",
        "[schedule]\nmilestones = ['a']",
        "[schedule]\nmilestones = [-1]",
        "[schedule]\nmilestones = [[1]]",
        "[schedule]\nmilestones = 'abc'",
        "[schedule]\ngamma = 'x'",
        "[schedule]\ngamma = -0.1",
        "[schedule]\ngamma = nan",
        "[schedule]\ngamma = inf",
        "[schedule]\nwarmup_iters = -1",
        "[schedule]\nwarmup_iters = 2.5",
        "[schedule]\nwarmup_ratio = [1]",
        "[augment]\nflip = 2",
        "[augment]\nflip = 'yes'",
        "[augment]\nflip = [0.5]",
        "[augment]\ncrop_scale = 0.5",
        "[augment]\ncrop_scale = [0.5]",
        "[augment]\ncrop_scale = [0.9, 0.1]",
        "[augment]\ncrop_scale = [0, 1]",
        "[augment]\ncrop_scale = [0.5, 1.5]",
        "[augment]\ncrop_scale = ['a', 'b']",
        "[augment]\ncrop_scale = false",
        "[augment]\ncrop_scale = 'ab'",
        "[augment]\ncrop_ratio = 1",
        "[augment]\ncrop_ratio = [2, 1]",
        "[augment]\ncrop_ratio = ['a', 'b']",
        "[augment]\ncrop_ratio = [0, 1]",
    ],
)
def test_a_value_that_cannot_be_is_named(recipe, text):
    told = refusal(recipe(f'backbone = "ResNet18"\n{text}'))
    assert "配 方.toml" in told
    assert text.splitlines()[0].strip("[]").split()[0] in told


def test_a_size_that_the_model_cannot_have_is_refused_not_ignored(recipe):
    assert "image_size" in refusal(recipe('backbone = "LeNet"\nimage_size = 64'))
    assert entry_of(recipe('backbone = "LeNet"\nimage_size = 32'), "classification").preprocess.size == (32, 32)


DETECTION = """
backbone = "SSD_Lite"
[augment]
flip = 0.25
photometric = 0.5
expand = 2
iou_crop = [0.1, 0.5]
multi_scale = [0.5, 1.0]
mosaic = 0.3
"""


def test_a_detector_varies_what_boxes_need(recipe):
    augment = entry_of(recipe(DETECTION), "detection").recipe.augment
    assert augment == detection.Augment(
        flip=0.25, photometric=0.5, expand=2, iou_crop=(0.1, 0.5), multi_scale=(0.5, 1.0), mosaic=0.3
    )
    assert augment.changes_boxes
    assert not detection.Augment(flip=1, photometric=1).changes_boxes


@pytest.mark.parametrize(
    "text",
    [
        "photometric = 1.5",
        "photometric = true",
        "mosaic = -0.5",
        "mosaic = [1]",
        "expand = 0.5",
        "expand = [1, 4]",
        "iou_crop = 0.5",
        "iou_crop = [0.1, 1.5]",
        "iou_crop = ['a']",
        "multi_scale = 0.5",
        "multi_scale = [0.5, 1.5]",
        "multi_scale = [1.0, 0.5]",
        "crop_scale = [0.5, 1.0]",
        "crop_ratio = [0.5, 1.0]",
    ],
)
def test_what_a_detector_cannot_vary_so_is_named(recipe, text):
    with pytest.raises(RecipeInvalid) as caught:
        entry_of(recipe(f'backbone = "SSD_Lite"\n[augment]\n{text}'), "detection")
    assert text.split()[0] in caught.value.message
    assert caught.value.hint


def test_a_classifier_does_not_vary_boxes(recipe):
    assert "mosaic" in refusal(recipe('backbone = "LeNet"\n[augment]\nmosaic = 0.5'))


def test_a_recipe_says_how_pictures_fit_and_its_own_variation_wins(recipe):
    entry = entry_of(str(recipe('backbone = "MobileNet"\nfit = "letterbox"')), "classification")
    assert entry.preprocess == registry.find("MobileNet", "classification").preprocess.with_fit("letterbox")
    assert entry.recipe.augment.crop_scale is None
    own = recipe('backbone = "MobileNet"\nfit = "stretch"\n[augment]\ncrop_scale = [0.5, 1.0]\nflip = 0.0')
    augment = entry_of(str(own), "classification").recipe.augment
    assert (augment.crop_scale, augment.flip) == ((0.5, 1.0), 0.0)


@pytest.mark.parametrize("fit", ['"pad"', "1", "[]", "true"])
def test_another_fit_is_refused_with_the_choices(recipe, fit):
    assert "crop, letterbox, stretch" in refusal(recipe(f'backbone = "LeNet"\nfit = {fit}'))


def test_a_detector_has_no_fit(recipe):
    with pytest.raises(RecipeInvalid, match="fit"):
        entry_of(str(recipe('backbone = "SSD_Lite"\nfit = "letterbox"')), "detection")
