"""Public functions with wrong arguments, in ``doors``; ``test_fuzz`` holds that none of ``PUBLIC`` lacks there."""

from __future__ import annotations

import importlib
import inspect
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import BaseDeploy
import models_on_disk
from BaseDT import image, io, plot
from BaseDT.data import ImageData, ModelData, TextData
from BaseDT.dataset import DataSet, split_tab_dataset
from BaseDT.preprocess import Preprocess
from fuzz import classic_learning, own_networks
from fuzz.case import inside
from fuzz.checkpoints import new_model, pictures_of_two_classes
from fuzz.mutate import Rng, pick
from fuzz.values import VALUES, write_files
from MMEdu import MMClassification, MMDetection, MMPose, MMSegmentation, pth_info
from XEdu import benchmark, live, runtime
from XEdu.hub import Workflow
from XEdu.runtime.model import Model
from XEdu.teach import Learner

PUBLIC = ("MMEdu", "BaseNN", "BaseML", "XEdu.hub", "XEdu.teach", "XEdu.live", "XEdu.benchmark", "XEdu.runtime",
          "BaseDeploy", "BaseDT.data", "BaseDT.dataset", "BaseDT.image", "BaseDT.io", "BaseDT.plot")  # fmt: skip
"""The packages whose ``__all__`` a user's program calls. ``BaseDT.draw``, ``metrics``, ``results`` and ``geometry`` are
parts for these: their arguments come out of checked ones, and checking them again for every frame would cost speed."""
NOT_CALLED = {
    "XEdu.live.Summary", "XEdu.benchmark.Report", "XEdu.benchmark.Row", "XEdu.benchmark.as_json",
    "XEdu.benchmark.as_markdown",  # plain data, and what writes it
    "BaseDT.image.NamedImage", "BaseDT.image.with_unique_names",  # results of ``expand``, and what makes them
    "BaseDT.image.is_image_file", "BaseDT.image.what_is_at", "BaseDT.image.passed_over", "BaseDT.image.expand_item",
    "BaseDT.data.ImageData.prepared",
    *(f"BaseDT.io.Camera.{name}" for name in ("read", "close")),  # there is no camera here
}  # fmt: skip
"""Public names that take nothing of a user's, or only what another public function gave."""
_OF_THE_USER = {"tell", "clock", "listener", "stop", "preprocess", "postprocess", "split", "kwargs", "self", "unknown"}
"""Parameters that are the user's own functions: what they raise is the user's."""
Door = tuple[Callable[..., Any], dict[str, Any]]


class Calls:
    """Every public function, with arguments of which one or two are wrong."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with inside(folder):
            self._doors = doors(folder)
        self.names = sorted(self._doors)
        self._values = sorted(VALUES)
        self.thrown: bytes | str = ""

    def __call__(self, rng: Rng) -> None:
        name = pick(rng, self.names)
        function, working = self._doors[name]
        parameters = [item for item in inspect.signature(function).parameters if item not in _OF_THE_USER]
        arguments = dict(working)
        wrong: dict[str, str] = {}
        for _ in range(int(rng.integers(1, 3))):
            if parameters:
                wrong[str(pick(rng, parameters))] = str(pick(rng, self._values))
        if rng.integers(40) == 0:
            wrong["Epoche"] = "one"
        if rng.integers(40) == 0 and arguments:
            del arguments[str(pick(rng, sorted(arguments)))]
        positional = ()
        if rng.integers(40) == 0:
            positional = (1,) * 40
        self.thrown = f"{name}: {wrong}"
        arguments.update({parameter: VALUES[value]() for parameter, value in wrong.items()})
        with inside(self._folder):
            _clean(self._folder)
            function(*positional, **arguments)


def _clean(folder: Path) -> None:
    for name in ("target", "run", "cls_result", "det_result", "seg_result", "pose_result", "map_result"):
        shutil.rmtree(folder / name, ignore_errors=True)


def doors(folder: Path) -> dict[str, Door]:
    """Return every public function by its full name, each with arguments that would do."""
    write_files(folder)
    dataset = pictures_of_two_classes(folder / "数据 集")
    picture = next((dataset / "val_set").rglob("*.png"))
    stop = threading.Event()
    stop.set()
    model = new_model(dataset)
    model.train(epochs=1, batch_size=4, random_seed=1, save_fold=folder / "模 型")
    checkpoint = folder / "模 型" / "latest.pth"
    model.load_checkpoint(checkpoint)
    detector = MMDetection("SSD_Lite")
    segmenter = MMSegmentation("UNet")
    posing = MMPose()
    onnx_file = models_on_disk.classifier(folder / "c.onnx")
    teachable = models_on_disk.teachable(folder / "t.onnx")
    workflow = Workflow(task="mmedu", checkpoint=str(onnx_file))
    workflow.inference(data=str(picture))
    custom = Workflow(task="custom", checkpoint=str(onnx_file))
    deployed = BaseDeploy.load(str(onnx_file))
    deployed.inference(str(picture))
    learner = Learner(str(teachable))
    data = ImageData(str(picture), size=(16, 16))
    (folder / "t.csv").write_text("a,b,c\n" + "1,2,0\n3,4,1\n" * 6, encoding="utf-8")
    files = {"image": picture, "checkpoint": checkpoint, "show": False}
    pixels = np.zeros((20, 20, 3), np.uint8)
    return {
        "MMEdu.MMClassification": (MMClassification, {}),
        "MMEdu.MMClassification.load_dataset": (new_model(dataset).load_dataset, {"path": dataset}),
        "MMEdu.MMClassification.train": (
            model.train, {"epochs": 1, "batch_size": 4, "save_fold": "run", "stop": stop, "random_seed": 1}
        ),
        "MMEdu.MMClassification.load_checkpoint": (model.load_checkpoint, {"checkpoint": checkpoint}),
        "MMEdu.MMClassification.fast_inference": (model.fast_inference, {"image": picture, "show": False}),
        "MMEdu.MMClassification.inference": (model.inference, files),
        "MMEdu.MMClassification.explain": (model.explain, files),
        "MMEdu.MMClassification.embed": (model.embed, {"image": picture, "checkpoint": checkpoint}),
        "MMEdu.MMClassification.feature_map": (
            model.feature_map, {"path": dataset, "checkpoint": checkpoint, "show": False}
        ),
        "MMEdu.MMClassification.evaluate": (
            model.evaluate, {"path": dataset, "checkpoint": checkpoint, "save_fold": "eval"}
        ),
        "MMEdu.MMClassification.print_result": (model.print_result, {}),
        "MMEdu.MMClassification.convert": (model.convert, {"checkpoint": checkpoint, "out_file": "target/a.onnx"}),
        "MMEdu.MMClassification.quantize": (model.quantize, {"checkpoint": checkpoint, "out_file": "target/q.onnx"}),
        "MMEdu.MMClassification.sota": (model.sota, {}),
        "MMEdu.MMDetection": (MMDetection, {}),
        "MMEdu.MMDetection.load_dataset": (detector.load_dataset, {"path": dataset}),
        "MMEdu.MMDetection.train": (detector.train, {"epochs": 1, "save_fold": "run", "stop": stop}),
        "MMEdu.MMDetection.load_checkpoint": (detector.load_checkpoint, {"checkpoint": checkpoint}),
        "MMEdu.MMDetection.fast_inference": (detector.fast_inference, {"image": picture, "show": False}),
        "MMEdu.MMDetection.inference": (detector.inference, files),
        "MMEdu.MMDetection.print_result": (detector.print_result, {}),
        "MMEdu.MMDetection.convert": (detector.convert, {"checkpoint": checkpoint, "out_file": "target/a.onnx"}),
        "MMEdu.MMDetection.quantize": (detector.quantize, {"checkpoint": checkpoint, "out_file": "target/q.onnx"}),
        "MMEdu.MMDetection.sota": (detector.sota, {}),
        "MMEdu.MMDetection.evaluate": (detector.evaluate, {"path": dataset, "checkpoint": checkpoint}),
        "MMEdu.MMSegmentation": (MMSegmentation, {}),
        "MMEdu.MMSegmentation.load_dataset": (segmenter.load_dataset, {"path": dataset}),
        "MMEdu.MMSegmentation.train": (segmenter.train, {"epochs": 1, "save_fold": "run", "stop": stop}),
        "MMEdu.MMSegmentation.load_checkpoint": (segmenter.load_checkpoint, {"checkpoint": checkpoint}),
        "MMEdu.MMSegmentation.fast_inference": (segmenter.fast_inference, {"image": picture, "show": False}),
        "MMEdu.MMSegmentation.inference": (segmenter.inference, files),
        "MMEdu.MMSegmentation.print_result": (segmenter.print_result, {}),
        "MMEdu.MMSegmentation.convert": (segmenter.convert, {"checkpoint": checkpoint, "out_file": "target/a.onnx"}),
        "MMEdu.MMSegmentation.quantize": (segmenter.quantize, {"checkpoint": checkpoint, "out_file": "target/q.onnx"}),
        "MMEdu.MMSegmentation.sota": (segmenter.sota, {}),
        "MMEdu.MMSegmentation.evaluate": (segmenter.evaluate, {"path": dataset, "checkpoint": checkpoint}),
        "MMEdu.MMPose": (MMPose, {}),
        "MMEdu.MMPose.load_dataset": (posing.load_dataset, {"path": dataset}),
        "MMEdu.MMPose.train": (posing.train, {"epochs": 1, "save_fold": "run", "stop": stop}),
        "MMEdu.MMPose.load_checkpoint": (posing.load_checkpoint, {"checkpoint": checkpoint}),
        "MMEdu.MMPose.fast_inference": (posing.fast_inference, {"image": picture, "show": False}),
        "MMEdu.MMPose.inference": (posing.inference, files),
        "MMEdu.MMPose.print_result": (posing.print_result, {}),
        "MMEdu.MMPose.convert": (posing.convert, {"checkpoint": checkpoint, "out_file": "target/a.onnx"}),
        "MMEdu.MMPose.quantize": (posing.quantize, {"checkpoint": checkpoint, "out_file": "target/q.onnx"}),
        "MMEdu.MMPose.sota": (posing.sota, {}),
        "MMEdu.MMPose.evaluate": (posing.evaluate, {"path": dataset, "checkpoint": checkpoint}),
        "MMEdu.pth_info": (pth_info, {"checkpoint": checkpoint}),
        "XEdu.hub.Workflow": (Workflow, {"task": "mmedu", "checkpoint": str(onnx_file)}),
        "XEdu.hub.Workflow.inference": (workflow.inference, {"data": str(picture)}),
        "XEdu.hub.Workflow.inference custom": (custom.inference, {"data": np.zeros((1, 3, 16, 16), np.float32)}),
        "XEdu.hub.Workflow.evaluate": (workflow.evaluate, {"path": dataset, "save_fold": "eval", "isprint": False}),
        "XEdu.hub.Workflow.format_output": (workflow.format_output, {"isprint": False}),
        "XEdu.hub.Workflow.features": (workflow.features, {}),
        "XEdu.hub.Workflow.save": (workflow.save, {"img": pixels, "path": "target/o.png"}),
        "XEdu.hub.Workflow.show": (workflow.show, {"img": pixels}),
        "XEdu.hub.Workflow.support_task": (Workflow.support_task, {}),
        "XEdu.teach.Learner": (Learner, {"model": str(teachable)}),
        "XEdu.teach.Learner.add": (learner.add, {"name": "猫", "pictures": str(picture)}),
        "XEdu.teach.Learner.forget": (learner.forget, {}),
        "XEdu.teach.Learner.predict": (learner.predict, {"picture": str(picture)}),
        "XEdu.teach.Learner.save": (learner.save, {"path": "target/mine.onnx"}),
        "XEdu.teach.Learner.train": (learner.train, {}),
        "XEdu.teach.Learner.accuracy": (learner.accuracy, {}),
        "XEdu.live.run": (
            live.run,
            {"model": Model.load(onnx_file), "source": picture.parent, "out": "target", "show": False, "frames": 2},
        ),
        "XEdu.benchmark.run": (benchmark.run, {"models": "none.onnx", "seconds": 0.1}),
        "XEdu.runtime.open": (runtime.open, {"path": str(onnx_file)}),
        "BaseDeploy.load": (BaseDeploy.load, {"path": str(onnx_file)}),
        "BaseDeploy.load.inference": (deployed.inference, {"input_data": str(picture)}),
        "BaseDeploy.load.print_result": (deployed.print_result, {}),
        "BaseDT.data.ImageData": (ImageData, {"source": str(picture)}),
        "BaseDT.data.ImageData.map_orig_coords": (data.map_orig_coords, {"boxes": [[0, 0, 5, 5]]}),
        "BaseDT.data.ImageData.to_tensor": (data.to_tensor, {}),
        "BaseDT.data.ImageData.show": (data.show, {}),
        "BaseDT.data.TextData": (TextData, {"texts": "a b"}),
        "BaseDT.data.ModelData": (ModelData, {"path": str(onnx_file)}),
        **{
            f"BaseDT.data.ModelData.{name}": (getattr(ModelData(str(onnx_file)), name), {})
            for name in ("get_codebase", "get_labels", "get_modelname", "get_preprocess")
        },
        "BaseDT.dataset.DataSet": (DataSet, {"path": dataset}),
        "BaseDT.dataset.DataSet.check": (DataSet(dataset).check, {}),
        "BaseDT.dataset.DataSet.make_dataset": (DataSet("target").make_dataset, {"src": dataset / "training_set"}),
        "BaseDT.dataset.split_tab_dataset": (
            split_tab_dataset, {"path": "t.csv", "data_column": [0, 1], "label_column": 2, "overwrite": True}
        ),
        "BaseDT.image.read": (image.read, {"source": picture}),
        "BaseDT.image.decode": (image.decode, {"data": picture.read_bytes()}),
        "BaseDT.image.expand": (image.expand, {"source": picture}),
        "BaseDT.image.write": (image.write, {"path": Path("target/o.png"), "pixels": pixels}),
        "BaseDT.io.Camera": (io.Camera, {}),
        "BaseDT.io.MicroPhone": (io.MicroPhone, {}),
        "BaseDT.io.MicroPhone.record_audio": (io.MicroPhone().record_audio, {"time": 0.1, "path": "target/a.wav"}),
        "BaseDT.plot.imshow_det_bboxes": (
            plot.imshow_det_bboxes,
            {"img": picture, "bboxes": [[0, 0, 5, 5]], "labels": [0], "class_names": ["a"], "score_thr": 0.3,
             "out_file": "target/b.png", "show": False},
        ),
        "BaseDT.plot.plot_log": (plot.plot_log, {"log": folder / "模 型"}),
        "BaseDT.plot.plot_confusion_matrix": (
            plot.plot_confusion_matrix, {"cm": [[3, 1], [0, 4]], "classes": ["a", "b"]}
        ),
        "BaseDT.preprocess.Preprocess": (Preprocess, {"size": (16, 16)}),
        **own_networks.doors(folder),
        **classic_learning.doors(folder),
    }  # fmt: skip


def public_names() -> set[str]:
    """Return every public function, class and method by its full name."""
    found: set[str] = set()
    for package in PUBLIC:
        module = importlib.import_module(package)
        for name in module.__all__:
            item = getattr(module, name)
            if inspect.isfunction(item) or (inspect.isclass(item) and item.__module__.split(".")[0] in package):
                found.add(f"{package}.{name}")
                found |= {f"{package}.{name}.{method}" for method in _methods(item)}
    return found


def _methods(item: Any) -> list[str]:
    if not inspect.isclass(item):
        return []
    return [name for name, value in inspect.getmembers(item) if not name.startswith("_") and callable(value)]


__all__ = ["NOT_CALLED", "PUBLIC", "Calls", "doors", "public_names"]
