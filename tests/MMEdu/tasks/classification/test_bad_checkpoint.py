"""Files that are no checkpoint of this model, through every method that takes one. None of them ever runs code."""

from __future__ import annotations

import contextlib
import copy
import io
import os
import pickle
import random
import zipfile
from pathlib import Path

import pytest
import torch

from BaseDT.errors import CheckpointInvalid, TaskMismatch, XEduError
from MMEdu import MMClassification as cls
from MMEdu import pth_info

pytestmark = pytest.mark.usefixtures("workplace", "quick")


@pytest.fixture
def content(trained) -> dict:
    """What a good checkpoint holds, to be spoilt."""
    return copy.deepcopy(torch.load(trained.checkpoint, weights_only=True))


class RunsCode:
    """A pickle that makes a file when it is loaded, as a hostile download could do worse."""

    def __reduce__(self):
        return os.system, ("touch trap",)


def hostile(kind: str) -> bytes:
    """The bytes of a file that looks like a checkpoint and wants to run code."""
    if kind == "pickle":
        return pickle.dumps(RunsCode())
    if kind == "pickle with the right keys":
        return pickle.dumps({"state_dict": {}, "meta": RunsCode()}, protocol=2)
    buffer = io.BytesIO()
    torch.save({"state_dict": RunsCode(), "meta": {}}, buffer, _use_new_zipfile_serialization=kind == "zip")
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["pickle", "pickle with the right keys", "zip", "older format"])
def test_a_checkpoint_that_wants_to_run_code_is_refused_everywhere_and_runs_none(trained, dataset, kind, refused):
    Path("坏 的.pth").write_bytes(hostile(kind))
    model = cls("LeNet")
    model.load_dataset(dataset, check=False)
    for use in (
        lambda: model.inference(image=trained.cat, checkpoint="坏 的.pth"),
        lambda: model.load_checkpoint("坏 的.pth"),
        lambda: model.explain(trained.cat, checkpoint="坏 的.pth"),
        lambda: model.train(epochs=1, checkpoint="坏 的.pth"),
        lambda: pth_info("坏 的.pth"),
    ):
        with refused(CheckpointInvalid):
            use()
        assert not Path("trap").exists()


NOT_CHECKPOINTS = {
    "a text": b"This is my homework.\n" * 20,
    "a Chinese text": "你好，世界。这是我的作业。".encode(),
    "a web page": b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
    "a JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100),
    "an ONNX file": b"\x08\x08\x12\x07pytorch\x1a\x05" + b"\1" * 100,
    "nothing": b"",
    "zeros": bytes(1000),
}


@pytest.mark.parametrize("name", NOT_CHECKPOINTS)
def test_another_file_renamed_to_pth_is_named_for_what_it_is(trained, name, refused):
    Path("权 重.pth").write_bytes(NOT_CHECKPOINTS[name])
    with refused(CheckpointInvalid) as caught:
        cls("LeNet").inference(image=trained.cat, checkpoint="权 重.pth")
    assert "权 重.pth" in caught.value.message
    assert "cannot be read" in caught.value.message, "a text wants to run nothing"


def test_a_zip_of_something_else_is_named(trained, refused):
    with zipfile.ZipFile("作业.pth", "w") as file:
        file.writestr("a.txt", "x")
    with refused(CheckpointInvalid):
        cls("LeNet").inference(image=trained.cat, checkpoint="作业.pth")


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.999])
def test_a_truncated_checkpoint_is_named(trained, share, refused):
    data = trained.checkpoint.read_bytes()
    Path("半.pth").write_bytes(data[: int(len(data) * share)])
    for use in (lambda: cls("LeNet").inference(image=trained.cat, checkpoint="半.pth"), lambda: pth_info("半.pth")):
        with refused(CheckpointInvalid) as caught:
            use()
        assert "again" in caught.value.hint


def spoilt(data: bytes, rng: random.Random, head: int) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([1, 5, 50])):
        changed[rng.randrange(min(head, len(changed)))] = rng.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize("zipped", [True, False])
def test_whatever_bits_flip_in_a_checkpoint_the_error_has_a_name(trained, content, zipped):
    """A download that went wrong, in the format of today and in the one of older torch."""
    content.pop("optimizer")
    torch.save(content, "a.pth", _use_new_zipfile_serialization=zipped)
    good, rng = Path("a.pth").read_bytes(), random.Random(1)
    for _ in range(150):
        Path("a.pth").write_bytes(spoilt(good, rng, 3000))
        with contextlib.suppress(CheckpointInvalid):  # a flipped bit of a weight is no error
            cls("LeNet").inference(image=trained.cat, checkpoint="a.pth", show=False)


def test_random_bytes_have_a_name_too(trained):
    rng = random.Random(1)
    for _ in range(150):
        Path("a.pth").write_bytes(rng.randbytes(rng.randrange(1, 300)))
        with pytest.raises(CheckpointInvalid):
            cls("LeNet").inference(image=trained.cat, checkpoint="a.pth", show=False)


@pytest.mark.parametrize("name", ["权 重.onnx", "权重", "权重.txt"])
def test_a_file_of_another_suffix_is_refused(trained, name, refused):
    Path(name).write_bytes(trained.checkpoint.read_bytes())
    with refused(CheckpointInvalid) as caught:
        cls("LeNet").inference(image=trained.cat, checkpoint=name)
    assert ("XEdu.hub" if name.endswith(".onnx") else ".pth") in caught.value.hint


@pytest.mark.parametrize("checkpoint", [5, True, ["a.pth"], b"a.pth", {}, ""])
def test_what_is_no_path_of_a_file_is_refused(trained, checkpoint):
    with pytest.raises(XEduError) as caught:
        cls("LeNet").inference(image=trained.cat, checkpoint=checkpoint)
    assert caught.value.code in (-202, -102)


def test_a_folder_is_no_checkpoint(trained, refused):
    with refused(CheckpointInvalid):
        cls("LeNet").inference(image=trained.cat, checkpoint=trained.folder)


def test_a_path_longer_than_the_system_allows_does_not_exist(trained):
    with pytest.raises(XEduError) as caught:
        cls("LeNet").inference(image=trained.cat, checkpoint="长" * 300 + ".pth")
    assert caught.value.code == -102


# Of another model


def test_a_checkpoint_of_another_backbone_names_both(trained, refused):
    with refused(CheckpointInvalid) as caught:
        cls("ResNet18").inference(image=trained.cat, checkpoint=trained.checkpoint)
    assert "LeNet" in caught.value.message
    assert "ResNet18" in caught.value.message
    assert "MMClassification('LeNet')" in caught.value.hint


def test_a_checkpoint_of_another_task_is_refused(trained, content, refused):
    content["meta"]["task"] = "detection"
    torch.save(content, "检测.pth")
    with refused(TaskMismatch):
        cls("LeNet").inference(image=trained.cat, checkpoint="检测.pth")


def test_weights_for_another_number_of_classes_than_the_file_says_are_refused(trained, content, refused):
    content["meta"]["CLASSES"] = ["a", "b", "c"]
    torch.save(content, "三.pth")
    with refused(CheckpointInvalid):
        cls("LeNet").inference(image=trained.cat, checkpoint="三.pth")


def test_num_classes_that_the_checkpoint_contradicts_does_not_matter_for_inference(trained):
    """The documents set it for training only; what a checkpoint knows needs no help."""
    model = cls("LeNet", num_classes=7)
    assert model.inference(image=trained.cat, checkpoint=trained.checkpoint, show=False)["pred_class"] == "猫"


def test_weights_without_a_description_are_refused(trained, content, refused):
    torch.save(content["state_dict"], "裸.pth")
    with refused(CheckpointInvalid):
        cls("LeNet").inference(image=trained.cat, checkpoint="裸.pth")


# Of ours, but edited


def _without(key):
    return lambda content: content["meta"].pop(key)


def _meta(key, value):
    return lambda content: content["meta"].update({key: value})


def _top(key, value):
    return lambda content: content.update({key: value})


SPOILT = {
    "no classes": _without("CLASSES"),
    "no preprocess": _without("preprocess"),
    "no backbone": _without("backbone"),
    "meta is none": _top("meta", None),
    "meta is a list": _top("meta", [1]),
    "state is none": _top("state_dict", None),
    "state is a list": _top("state_dict", [1]),
    "state holds a number": _top("state_dict", {"features.0.weight": 5}),
    "classes are a number": _meta("CLASSES", 2),
    "classes are none": _meta("CLASSES", None),
    "classes are empty": _meta("CLASSES", []),
    "classes are numbers": _meta("CLASSES", [1, 2]),
    "preprocess is none": _meta("preprocess", None),
    "preprocess has an unknown field": _meta("preprocess", {"size": [32, 32], "colour": "gray"}),
    "a weight is missing": lambda content: content["state_dict"].pop("features.0.weight"),
    "a weight has another shape": lambda content: content["state_dict"].update({"features.0.weight": torch.zeros(1)}),
    "a weight is too many": lambda content: content["state_dict"].update({"more": torch.zeros(1)}),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_checkpoint_whose_insides_are_wrong_is_named(trained, content, name, refused):
    SPOILT[name](content)
    torch.save(content, "改 过.pth")
    with refused(CheckpointInvalid) as caught:
        cls("LeNet").inference(image=trained.cat, checkpoint="改 过.pth", show=False)
    assert "改 过.pth" in caught.value.message


@pytest.mark.parametrize(
    "name", ["meta is none", "meta is a list", "state is none", "state holds a number", "no backbone"]
)
def test_training_from_it_and_looking_at_it_name_it_too(dataset, content, name, refused):
    SPOILT[name](content)
    torch.save(content, "改 过.pth")
    model = cls("LeNet")
    model.load_dataset(dataset, check=False)
    with refused(CheckpointInvalid):
        model.train(epochs=1, checkpoint="改 过.pth", save_fold="m")
    assert not Path("m").exists()
    if name.startswith("meta"):
        with refused(CheckpointInvalid):
            pth_info("改 过.pth")


@pytest.mark.parametrize("size", [[3, 32], [13, 32]])
def test_a_size_that_the_network_cannot_compute_with_is_named(content, dataset, size, refused):
    content["meta"]["preprocess"]["size"] = size
    torch.save(content, "edited.pth")
    picture = next(dataset.rglob("*.png"))
    with refused(CheckpointInvalid, f"{size[1]}×{size[0]}"):
        cls("LeNet").inference(image=picture, checkpoint="edited.pth", show=False)
    with refused(CheckpointInvalid, f"{size[1]}×{size[0]}"):
        cls("LeNet").embed(image=picture, checkpoint="edited.pth")
