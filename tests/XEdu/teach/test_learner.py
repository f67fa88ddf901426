"""``Learner``: what it learns, forgets and tells of itself, with networks of fresh weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

import models_on_disk as models
from BaseDT.errors import (
    CheckpointInvalid,
    CheckpointNotFound,
    DatasetNotLoaded,
    ImageDamaged,
    ImageNotFound,
    ImageTypeUnsupported,
    ParameterInvalid,
    ParameterUnknown,
)
from XEdu.hub import Workflow
from XEdu.teach import Learner

from .conftest import several, stripes, write


@pytest.fixture
def learner(teachable) -> Learner:
    """Two classes of eight pictures."""
    made = Learner(teachable())
    made.add("横", several("flat", 8))
    made.add("竖", several("steep", 8))
    return made


def right(learner: Learner, angle: str, name: str) -> float:
    """The share of ten new pictures that are named rightly."""
    said = learner.predict(several(angle, 10, first=100))
    return sum(result["预测结果"] == name for result in said) / 10


# --- learning --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backbone", ["LeNet", "MobileNet"])
def test_a_few_pictures_are_enough(teachable, backbone):
    learner = Learner(teachable(backbone))
    assert learner.add("横", several("flat", 8)) == 8
    learner.add("竖", several("steep", 8))
    assert learner.classes == ["横", "竖"]
    assert right(learner, "flat", "横") + right(learner, "steep", "竖") >= 1.9


def test_the_answer_is_that_of_workflow(learner):
    said = learner.predict(stripes("flat", 99))
    assert list(said) == ["标签", "置信度", "预测结果"]
    assert (type(said["标签"]), type(said["置信度"]), said["预测结果"]) == (int, float, "横")
    assert 0.5 < said["置信度"] <= 1
    json.dumps(said)


def test_a_folder_gives_an_entry_a_file(learner, folder):
    write(folder / "新", several("steep", 3))
    said = learner.predict(folder / "新")
    assert [result["文件名"] for result in said] == ["图 00.png", "图 01.png", "图 02.png"]


def test_pictures_come_in_every_form(teachable, folder):
    pictures = several("flat", 6)
    write(folder / "夹", pictures[:2])
    learner = Learner(teachable())
    learner.add("a", folder / "夹")
    learner.add("a", str(folder / "夹" / "图 00.png"))
    learner.add("a", pictures[2])
    learner.add("a", Image.fromarray(pictures[3]))
    learner.add("a", [pictures[4], folder / "夹" / "图 01.png"])
    learner.add("a", np.stack(pictures))
    assert learner.counts == {"a": 13}


def test_every_picture_changes_the_next_answer(learner):
    before = learner.predict(stripes("check", 50))
    learner.add("竖", stripes("check", 51))
    learner.add("竖", stripes("check", 52))
    after = learner.predict(stripes("check", 50))
    assert after["预测结果"] == "竖"
    assert after != before


def test_one_by_one_or_all_at_once_is_the_same(learner, teachable):
    other = Learner(teachable())
    for name, angle in (("横", "flat"), ("竖", "steep")):
        for picture in several(angle, 8):
            other.add(name, picture)
    assert other.predict(several("flat", 3, 50)) == learner.predict(several("flat", 3, 50))


def test_a_class_that_comes_later_leaves_the_old_ones_what_they_know(learner):
    learner.predict(stripes("flat", 60))
    learner.add("格", several("check", 8))
    assert learner.classes == ["横", "竖", "格"]
    assert right(learner, "flat", "横") + right(learner, "steep", "竖") + right(learner, "check", "格") >= 2.7


def test_one_picture_a_class_works(teachable):
    learner = Learner(teachable("MobileNet"))
    learner.add("横", stripes("flat", 1))
    learner.add("竖", stripes("steep", 1))
    assert [learner.predict(stripes(angle, 1))["预测结果"] for angle in ("flat", "steep")] == ["横", "竖"]


def test_many_pictures_of_one_class_do_not_drown_a_few_of_another(teachable):
    learner = Learner(teachable("MobileNet"))
    learner.add("many", several("flat", 30))
    learner.add("few", several("steep", 3))
    assert right(learner, "steep", "few") >= 0.9


def test_the_same_picture_in_both_classes_is_a_toss_up(teachable):
    learner = Learner(teachable())
    for name in ("a", "b"):
        learner.add(name, stripes("flat", 1))
    assert learner.predict(stripes("flat", 1))["置信度"] == pytest.approx(0.5)


def test_it_says_what_it_knows(learner):
    assert repr(learner) == "Learner('LeNet True.onnx', {'横': 8, '竖': 8})"


# --- accuracy --------------------------------------------------------------------------------------------------------


def test_what_can_be_told_apart_is_told_apart(learner):
    assert learner.accuracy() >= 90


def test_what_has_no_reason_cannot_be_guessed(teachable):
    learner = Learner(teachable())
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (48, 64, 3), np.uint8) for _ in range(60)]
    learner.add("a", noise[::2])
    learner.add("b", noise[1::2])
    assert 25 <= learner.accuracy() <= 75


def test_frames_that_follow_each_other_do_not_vouch_for_each_other(teachable):
    """Each burst is one scene: with a frame's neighbours at hand any frame is known, and a new scene is not."""
    learner = Learner(teachable())
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        for _ in range(5):
            scene = rng.integers(0, 256, (48, 64, 3), np.uint8).astype(int)
            frames = [np.clip(scene + rng.integers(-3, 4, scene.shape), 0, 255).astype(np.uint8) for _ in range(8)]
            learner.add(name, frames)
            assert learner.counts[name] % 8 == 0
    assert learner.accuracy() <= 80


def test_the_only_picture_of_a_class_is_not_judged(learner, refused):
    learner.add("格", stripes("check", 1))
    assert learner.accuracy() >= 75
    learner.forget(last=15)
    learner.add("竖", stripes("steep", 1))
    learner.forget("横")
    learner.add("横", stripes("flat", 1))
    with refused(DatasetNotLoaded, "no class has two"):
        learner.accuracy()


# --- forgetting ------------------------------------------------------------------------------------------------------


def test_a_class_is_forgotten(learner):
    learner.add("格", several("check", 4))
    assert learner.forget("竖") == 8
    assert learner.counts == {"横": 8, "格": 4}
    assert learner.predict(stripes("steep", 1))["预测结果"] in ("横", "格")
    assert right(learner, "flat", "横") >= 0.9


def test_the_pictures_that_came_last_are_forgotten(learner, teachable):
    learner.add("竖", several("flat", 3, 70))  # by mistake
    assert learner.forget(last=3) == 3
    fresh = Learner(teachable())
    fresh.add("横", several("flat", 8))
    fresh.add("竖", several("steep", 8))
    assert learner.predict(stripes("flat", 5)) == fresh.predict(stripes("flat", 5))


def test_the_last_pictures_of_one_class(learner):
    assert learner.forget("横", last=2) == 2
    assert learner.counts == {"横": 6, "竖": 8}
    assert learner.forget("横", last=99) == 6
    assert learner.classes == ["竖"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "not told what"),
        ({"name": "橫"}, "no class '橫'"),
        ({"name": 3}, "no class 3"),
        ({"name": ["横"]}, "Classes so far: 横, 竖"),
        ({"last": 0}, "last=0"),
        ({"last": 1.5}, "last=1.5"),
        ({"last": "2"}, "last='2'"),
    ],
)
def test_what_cannot_be_forgotten_is_named(learner, arguments, words, refused):
    with refused(ParameterInvalid, words):
        learner.forget(**arguments)
    assert learner.counts == {"横": 8, "竖": 8}


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["train", "predict", "accuracy", "save"])
def test_without_two_classes_there_is_nothing_to_tell_apart(teachable, deed, folder, refused):
    learner = Learner(teachable())
    arguments = (stripes("flat", 1),) if deed == "predict" else ()
    with refused(DatasetNotLoaded, "no class", "learner.add("):
        getattr(learner, deed)(*arguments)
    learner.add("横", several("flat", 2))
    with refused(DatasetNotLoaded, "one class, '横'"):
        getattr(learner, deed)(*arguments)
    assert list(folder.iterdir()) == []


def test_a_file_without_features_says_how_to_get_them(teachable, folder, refused):
    with refused(CheckpointInvalid, "no features", "features=True"):
        Learner(teachable(features=False))
    with refused(CheckpointInvalid, "no features", "features=True"):
        Learner(models.detector(folder / "d.onnx"))
    with refused(CheckpointInvalid, "no features"):
        Learner(models.classifier(folder / "f.onnx", known={}))


def test_a_head_that_is_not_in_the_file_is_named(teachable, folder, refused):
    model = onnx.load(teachable())
    for tensor in model.graph.initializer:
        if tensor.name.endswith("2.bias"):
            tensor.name = "elsewhere"
    for node in model.graph.node:
        node.input[:] = ["elsewhere" if name.endswith("2.bias") else name for name in node.input]
    onnx.save(model, folder / "x.onnx")
    with refused(CheckpointInvalid, "x.onnx is damaged"):
        Learner(folder / "x.onnx")


def test_weights_that_are_no_numbers_are_named(teachable, folder, refused):
    model = onnx.load(teachable())
    first = model.graph.initializer[0]
    values = np.full(onnx.numpy_helper.to_array(first).shape, np.nan, np.float32)
    first.CopyFrom(onnx.numpy_helper.from_array(values, first.name))
    onnx.save(model, folder / "x.onnx")
    learner = Learner(folder / "x.onnx")
    with refused(CheckpointInvalid, "no numbers"):
        learner.add("a", stripes("flat", 1))
    assert learner.counts == {}


@pytest.mark.parametrize("model", [None, 3, "", "no.onnx", "."])
def test_what_is_no_model_is_named(model, folder, refused):
    kinds = {"no.onnx": CheckpointNotFound, ".": CheckpointInvalid}
    with refused(kinds.get(model, ParameterInvalid)):
        Learner(model)


@pytest.mark.parametrize("name", ["", "  ", None, 3, ["a"]])
def test_a_class_has_a_name(learner, name, refused):
    with refused(ParameterInvalid, "name="):
        learner.add(name, stripes("flat", 1))


@pytest.mark.parametrize(
    ("pictures", "error"),
    [
        ("no.png", ImageNotFound),
        (None, ImageTypeUnsupported),
        ([], ImageTypeUnsupported),
        (np.full((8, 8, 3), np.nan), ImageTypeUnsupported),
        (np.zeros((8, 8, 7), np.uint8), ImageTypeUnsupported),
        (np.zeros((0, 8, 3), np.uint8), ImageTypeUnsupported),
    ],
)
def test_what_is_no_picture_is_named_and_nothing_is_learnt(learner, pictures, error, folder, refused):
    for deed in (lambda: learner.add("横", pictures), lambda: learner.predict(pictures)):
        with refused(error):
            deed()
    assert learner.counts == {"横": 8, "竖": 8}


def test_a_damaged_picture_is_left_out_of_many_and_named_alone(learner, folder, refused, capsys):
    write(folder / "夹", several("flat", 3))
    broken = folder / "夹" / "图 01.png"
    broken.write_bytes(broken.read_bytes()[:300])
    assert learner.add("横", folder / "夹") == 2
    assert "图 01.png" in capsys.readouterr().err
    with refused(ImageDamaged, "图 01.png"):
        learner.add("横", broken)
    with refused(ImageDamaged, "图 01.png"):
        learner.add("横", [broken])
    assert learner.counts["横"] == 10


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (480, 640), (1080, 1920)])
def test_pictures_of_any_size(learner, size):
    learner.add("横", stripes("flat", 1, size))
    assert learner.predict(stripes("flat", 2, size))["预测结果"] in learner.classes


def test_gray_pictures_into_a_colour_backbone(teachable):
    learner = Learner(teachable("MobileNet"))
    for name, angle in (("横", "flat"), ("竖", "steep")):
        learner.add(name, [picture[:, :, 0] for picture in several(angle, 4)])
    assert learner.predict(stripes("flat", 50)[:, :, 0])["预测结果"] == "横"


def test_an_argument_that_does_not_exist_is_named(learner, refused):
    with refused(ParameterUnknown, "Did you mean 'pictures'"):
        learner.add("横", picture=stripes("flat", 1))


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_a_learner_brings_neither_torch_nor_onnx_and_stays_small(teachable, folder):
    write(folder / "a", several("flat", 3))
    write(folder / "b", several("steep", 3))
    code = """
import json, sys
import XEdu.teach
early = [name for name in ("numpy", "cv2", "onnxruntime") if name in sys.modules]
from XEdu.teach import Learner
learner = Learner(sys.argv[1])
learner.add("a", "a")
learner.add("b", "b")
learner.accuracy()
learner.save("mine.onnx")
heavy = ("torch", "torchvision", "matplotlib", "sklearn", "scipy", "onnx", "typer", "rich", "MMEdu")
peak = [int(line.split()[1]) / 1e3 for line in open("/proc/self/status") if line.startswith("VmHWM")] \
    if sys.platform == "linux" else [0]
print(json.dumps([early, [name for name in heavy if name in sys.modules], learner.predict("a/图 00.png"), peak[0]]))
"""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code, str(teachable("MobileNet"))],
        capture_output=True, encoding="utf-8", check=False, env={**os.environ},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    early, heavy, said, peak = json.loads(done.stdout)
    assert (early, heavy, said["预测结果"]) == ([], [], "a")
    assert peak < 200
    assert Workflow("mmedu", Path("mine.onnx")).inference("a/图 00.png")["预测结果"] == "a"
