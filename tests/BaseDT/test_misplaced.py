"""An argument that lands on another parameter is told of by what it is, with the name to write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import BaseDeploy
import models_on_disk
from BaseDT.arguments import documented
from BaseDT.errors import ParameterInvalid
from MMEdu import MMClassification, MMDetection
from XEdu.hub import Workflow

Refused = Callable[..., Any]
PIXELS = np.zeros((8, 8, 3), np.uint8)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda model: model.inference("new.jpg"), "inference(image='new.jpg')"),
        (lambda model: model.inference(Path("图 片.PNG")), "inference(image='图 片.PNG')"),
        (lambda model: model.inference(["a.jpg", "b.jpg"]), "inference(image="),
        (lambda model: model.inference(PIXELS), "inference(image=…)"),
        (lambda model: model.inference(Image.new("RGB", (8, 8))), "inference(image=…)"),
        (lambda model: model.inference("."), "inference(image='.')"),
        (lambda model: model.inference("best.pth", None), "inference(checkpoint='best.pth')"),
        (lambda model: model.inference("cpu", "new.jpg"), "argument 2 is checkpoint, and this is a picture"),
        (lambda model: model.fast_inference("best.pth"), "this is a checkpoint"),
        (lambda model: model.load_checkpoint("cuda:0"), "load_checkpoint(device='cuda:0')"),
        (lambda model: model.train("."), "load_dataset(path='.')"),
        (lambda model: model.train("best.pth"), "train(checkpoint='best.pth')"),
        (lambda model: model.train("cpu"), "train(device='cpu')"),
        (lambda model: model.convert("NCNN"), "convert(backend='NCNN')"),
        (lambda model: model.convert("new.onnx"), "convert(out_file='new.onnx')"),
        (lambda model: model.convert("a.pth", "new.onnx"), "convert(checkpoint='new.onnx')"),
        (lambda model: model.load_dataset("best.pth"), "argument 1 is path, and this is a checkpoint"),
        (lambda model: model("new.jpg"), "model.inference(image='cat.jpg')"),
    ],
)
@pytest.mark.parametrize("kind", [MMClassification, MMDetection])
def test_a_misplaced_argument_of_a_model_is_named(kind: type, call: Any, words: str, refused: Refused) -> None:
    model = kind() if kind is MMClassification else kind("SSD_Lite")
    with refused(ParameterInvalid, words):
        call(model)


@pytest.mark.parametrize("file", ["best.pth", "cat.jpg", "model.onnx"])
def test_a_file_in_the_place_of_the_models_name_is_named(file: str, refused: Refused) -> None:
    with refused(ParameterInvalid, f"MMClassification({file!r})", "argument 1 is backbone"):
        MMClassification(file)


def test_what_runs_exported_models_names_misplaced_arguments(tmp_path: Path, refused: Refused) -> None:
    file = models_on_disk.classifier(tmp_path / "m.onnx")
    with refused(ParameterInvalid, "Workflow(checkpoint="):
        Workflow(file)
    workflow = Workflow("mmedu", file)
    with refused(ParameterInvalid, "inference(data='cat.jpg')"):
        workflow("cat.jpg")
    with refused(ParameterInvalid, "this is an exported model"):
        workflow.inference("m.onnx")
    with refused(ParameterInvalid, "inference('cat.jpg')"):
        BaseDeploy.load(file)("cat.jpg")


def test_what_may_be_meant_is_let_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("cpu", "ONNX", "LeNet"):
        Path(name).mkdir()

    @documented
    def every(device: Any, checkpoint: Any, image: Any, path: Any, backend: Any, random_seed: Any) -> tuple[Any, ...]:
        return device, checkpoint, image, path, backend, random_seed

    usual = ("cpu", "best.pth", "cat.jpg", "cat.jpg", "ONNX", 3)
    assert every(*usual) == usual
    assert every("auto", None, PIXELS, "cpu", "ncnn", np.int64(3))[0] == "auto"
    assert every("cuda:1", "LeNet", ".", ".", "ort", -1)[1] == "LeNet"
    assert every(object(), b"x", [], {}, 3.5, "seven")[5] == "seven"
