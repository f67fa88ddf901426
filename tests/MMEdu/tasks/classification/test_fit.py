"""``fit=`` and ``flip=``: what of a picture gets into the square input, in training and wherever the model goes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from BaseDT.data import ImageData
from BaseDT.errors import CannotResume, ParameterInvalid
from BaseDT.geometry.fit import FITS, Fit
from BaseDT.preprocess import Preprocess
from MMEdu import MMClassification
from MMEdu.engine.events import Notice
from MMEdu.export.board import BaseData
from MMEdu.models import adapting, registry
from MMEdu.models.classification.augment import Augment
from MMEdu.tasks.classification import framing
from MMEdu.tasks.classification.samples import LabelledPictures, VariedPictures
from XEdu.hub import Workflow

pytestmark = pytest.mark.usefixtures("quick")
PHOTOGRAPHS = Preprocess(size=(64, 64), resize="short_side", resize_to=74)


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """Pictures of 48×144 with a light or a dark mark at their left or right edge; the middle says nothing."""
    random = np.random.default_rng(3)
    for split, count in (("training_set", 16), ("val_set", 6)):
        for name, value in (("亮", 255), ("暗", 0)):
            folder = tmp_path / "长 图" / split / name
            folder.mkdir(parents=True)
            for index in range(count):
                picture = random.integers(110, 140, (48, 144, 3), dtype=np.uint8)
                x = 2 if random.random() < 0.5 else 144 - 2 - 20
                picture[10:36, x : x + 20] = value
                cv2.imencode(".png", picture)[1].tofile(folder / f"图 {index}.png")
    return tmp_path / "长 图"


def trained(data: Path, folder: Path, **arguments: object) -> tuple[MMClassification, list[str]]:
    lines: list[str] = []
    model = MMClassification("LeNet")
    model.listener = lambda event: lines.append(event.text) if isinstance(event, Notice) else None
    model.load_dataset(data)
    usual = {"epochs": 6, "batch_size": 8, "optimizer": "Adam", "lr": 0.003, "random_seed": 1, "save_fold": folder}
    model.train(**{**usual, **arguments})
    return model, lines


def accuracy(model: MMClassification) -> float:
    return [line["accuracy_top-1"] for line in model.trained.log if line.get("mode") == "val"][-1]


def test_a_mark_at_the_edge_is_learnt_where_the_whole_picture_is_shown(marked: Path, tmp_path: Path) -> None:
    cropped, _ = trained(marked, tmp_path / "中间", fit="crop")
    assert accuracy(cropped) < 80
    for fit in ("letterbox", "stretch"):
        assert accuracy(trained(marked, tmp_path / fit, fit=fit)[0]) == 100


def test_the_fit_travels_in_the_checkpoint_and_in_what_is_exported(marked: Path, tmp_path: Path) -> None:
    model, _ = trained(marked, tmp_path / "模型", fit="letterbox")
    picture = next((marked / "val_set" / "亮").iterdir())
    own = model.inference(image=picture, show=False)
    model.convert(out_file=tmp_path / "m.onnx", checkpoint=model.trained.best_file)
    flow = Workflow(task="mmedu", checkpoint=tmp_path / "m.onnx")
    flow.inference(data=str(picture))
    found = flow.format_output(lang="en")
    assert (found["label"], found["confidence"]) == (own["pred_label"], pytest.approx(own["pred_score"], abs=1e-5))


def test_a_resumed_run_keeps_fit_and_flip_where_they_are_left_out(marked: Path, tmp_path: Path) -> None:
    trained(marked, tmp_path / "模型", fit="letterbox", flip=True, epochs=1)
    model, _ = trained(marked, tmp_path / "模型", epochs=2, resume=True)
    assert model.trained.log[-1]["epoch"] == 2
    with pytest.raises(CannotResume, match="fit='letterbox', this one has 'crop'"):
        trained(marked, tmp_path / "模型", epochs=3, resume=True, fit="crop")
    with pytest.raises(CannotResume, match="flip=True, this one has False"):
        trained(marked, tmp_path / "模型", epochs=3, resume=True, flip=False)


def test_a_fit_that_was_edited_into_the_interrupted_run_is_refused(marked: Path, tmp_path: Path) -> None:
    trained(marked, tmp_path / "模型", epochs=1)
    latest = tmp_path / "模型" / "latest.pth"
    content = torch.load(latest, weights_only=True)
    for settings in ({"fit": ["pad"]}, {"flip": 0.5}):
        content["meta"]["settings"].update(settings)
        torch.save(content, latest)
        with pytest.raises(CannotResume, match="settings"):
            trained(marked, tmp_path / "模型", epochs=2, resume=True)
        content["meta"]["settings"].update(dict.fromkeys(settings))


@pytest.mark.parametrize("arguments", [{"fit": "pad"}, {"fit": True}, {"flip": "no"}, {"flip": 0.5}], ids=str)
def test_other_values_are_named(marked: Path, tmp_path: Path, arguments: dict[str, object]) -> None:
    with pytest.raises(ParameterInvalid, match=next(iter(arguments))):
        trained(marked, tmp_path / "模型", **arguments)


def test_explain_shows_the_picture_in_its_own_shape(marked: Path, tmp_path: Path) -> None:
    picture = next((marked / "val_set" / "亮").iterdir())
    for fit, ratio in (("letterbox", 3), ("stretch", 3), ("crop", 1)):
        model, _ = trained(marked, tmp_path / fit, fit=fit, epochs=1)
        height, width = model.explain(picture, show=False).picture.shape[:2]
        assert width / height == pytest.approx(ratio, rel=0.1)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("entry", ["LeNet", "MobileNet"])
def test_every_consumer_makes_the_same_bits(entry: str, fit: Fit) -> None:
    recipe = adapting.fitted(registry.find(entry, "classification"), fit).preprocess
    picture = np.random.default_rng(1).integers(0, 256, (90, 250, 3), dtype=np.uint8)
    expected = recipe(picture)
    described = json.loads(json.dumps(recipe.to_dict()))
    for tensor in (
        ImageData(picture, preprocess=described).to_tensor(),
        BaseData.ImageData(picture, preprocess=described).to_tensor(),
        recipe.normalize(LabelledPictures([], recipe).preprocess.pixels(picture)[None]),
    ):
        assert (np.asarray(tensor) == expected).all()


# --- what is varied ----------------------------------------------------------------------------------------------


def test_where_the_whole_is_shown_training_cuts_nothing_away() -> None:
    entry = registry.find("MobileNet", "classification")
    for fit in ("letterbox", "stretch"):
        augment = adapting.fitted(entry, fit).recipe.augment
        assert (augment.crop_scale, augment.flip) == (None, 0.5)
        assert augment.changes_geometry
    assert adapting.fitted(entry, "crop") is entry
    assert adapting.fitted(entry, None) is entry


@pytest.mark.parametrize("fit", ["letterbox", "stretch"])
@pytest.mark.parametrize("size", [(30, 200), (200, 30), (64, 64), (1, 90)])
def test_a_varied_picture_is_there_with_all_its_edges(fit: str, size: tuple[int, int]) -> None:
    samples = VariedPictures([], PHOTOGRAPHS.with_fit(fit), Augment(flip=0.5, multi_scale=(0.85, 1.0)))
    picture = np.full((*size, 3), 255, np.uint8)
    whole = (samples.unvaried(picture) == 255).all(axis=2).sum()
    for seed in range(20):
        varied = samples.sample(0, picture, np.random.default_rng(seed))
        assert varied.shape == (64, 64, 3)
        # Every row and column of it is there: what is smaller is the picture as a whole.
        assert 0.65 * whole <= (varied == 255).all(axis=2).sum() <= max(whole, 64)


def test_pictures_lie_in_several_places_and_sizes() -> None:
    samples = VariedPictures([], PHOTOGRAPHS.with_fit("stretch"), Augment(multi_scale=(0.85, 1.0)))
    picture = np.full((30, 90, 3), 255, np.uint8)
    assert len({samples.sample(0, picture, np.random.default_rng(seed)).tobytes() for seed in range(9)}) > 5


@pytest.mark.parametrize(("side", "least"), [(224, 0.08), (320, 0.08), (112, 0.16), (64, 0.28), (32, 0.56), (16, 0.6)])
def test_the_least_crop_follows_the_size_of_the_input(side: int, least: float) -> None:
    entry = adapting.sized(registry.find("MobileNet", "classification"), side)
    assert entry.recipe.augment.crop_scale == (pytest.approx(least), 1.0)


def test_a_crop_that_keeps_more_already_stays() -> None:
    assert Augment(crop_scale=(0.7, 0.9)).for_side(224, 32) == Augment(crop_scale=(0.7, 0.9))
    assert Augment(crop_scale=(0.1, 0.5)).for_side(224, 32).crop_scale == (0.5, 0.5)
    assert Augment().for_side(224, 32) == Augment()


def test_flip_is_an_argument_of_every_recipe_that_has_one() -> None:
    net, lenet, ssd = (
        registry.find(name, task)
        for name, task in (("ResNet18", "classification"), ("LeNet", "classification"), ("SSD_Lite", "detection"))
    )
    assert adapting.mirrored(net, False).recipe.augment.flip == 0
    assert adapting.mirrored(lenet, True).recipe.augment.flip == 0.5
    assert adapting.mirrored(ssd, False).recipe.augment == dataclasses.replace(ssd.recipe.augment, flip=0.0)
    assert adapting.mirrored(net, True) is net
    assert adapting.mirrored(net, None) is net


# --- what is said ------------------------------------------------------------------------------------------------


def test_what_the_crop_cuts_away_is_said_when_the_set_is_loaded_and_when_training_starts(
    marked: Path, tmp_path: Path
) -> None:
    lines: list[str] = []
    model = MMClassification("ResNet18")
    model.listener = lambda event: lines.append(event.text) if isinstance(event, Notice) else None
    model.load_dataset(marked)
    assert [line for line in lines if "74 % of the pictures' area is cut away" in line and "fit='letterbox'" in line]
    lines.clear()
    _, said = trained(marked, tmp_path / "模型", epochs=1, fit="crop")
    assert not [line for line in said if "cut away" in line], "who chooses the crop knows it"


@pytest.mark.parametrize(
    ("sizes", "is_said"),
    [
        ([(64, 192)] * 4, True),
        ([(192, 64)] * 4, True),
        ([(480, 640)] * 4, False),
        ([(224, 224)] * 4, False),
        ([(224, 224)] * 6 + [(64, 192)] * 4, True),
        ([(224, 224)] * 60 + [(64, 192)] * 4, False),
        ([], False),
    ],
    ids=["long", "tall", "photographs", "square", "mixed", "a few", "none"],
)
def test_it_is_said_only_where_it_is_much(sizes: list[tuple[int, int]], is_said: bool) -> None:
    assert (framing.cut_text("MobileNet", PHOTOGRAPHS, sizes) is not None) == is_said
    assert framing.cut_text("MobileNet", PHOTOGRAPHS.with_fit("stretch"), sizes) is None
