"""Exported models whose files, metadata and sidecars are spoiled: opened, asked, run."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper

import BaseDeploy
import models_on_disk
from BaseDT.data import ModelData
from BaseDT.model_info import DOCUMENTED_KEY, KEY
from fuzz.mutate import Rng, json_text, pick, spoiled, spoiled_values
from XEdu.hub import Workflow


class Metadata:
    """What ONNX files say of themselves, ours and the original tools', as JSON with other values."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "模 型.onnx"
        self._picture = models_on_disk.picture("red")
        self._models = [
            onnx.load(models_on_disk.classifier(folder / "c.onnx")),
            onnx.load(models_on_disk.classifier(folder / "f.onnx", known=models_on_disk.foreign())),
            onnx.load(models_on_disk.classifier(folder / "a.onnx", known=models_on_disk.foreign(), size=("h", "w"))),
            onnx.load(models_on_disk.detector(folder / "d.onnx")),
            onnx.load(models_on_disk.raw_detector(folder / "r.onnx")),
            onnx.load(models_on_disk.teachable(folder / "t.onnx")),
            onnx.load(models_on_disk.segmenter(folder / "s.onnx")),
            onnx.load(models_on_disk.segmenter(folder / "p.onnx", softmax=True)),
            onnx.load(models_on_disk.point_finder(folder / "k.onnx")),
            onnx.load(models_on_disk.point_finder(folder / "x.onnx", decode="simcc", batch="N")),
        ]
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        model = onnx.ModelProto()
        model.CopyFrom(pick(rng, self._models))
        properties = {entry.key: entry.value for entry in model.metadata_props}
        name = pick(rng, sorted(properties))
        data = json_text(rng, spoiled_values(rng, json.loads(properties[name])))
        properties[name] = data.decode("utf-8", "replace")
        if rng.integers(8) == 0:
            properties[DOCUMENTED_KEY if name == KEY else KEY] = properties[name]
        self.thrown = properties[name]
        helper.set_model_props(model, properties)
        written = model.SerializeToString()
        if rng.integers(10) == 0:  # metadata that are no UTF-8
            written = written.replace(name.encode(), b"\xff" * len(name))
        self._file.write_bytes(written)
        use(self._file, self._picture, rng)


def use(file: Path, picture: np.ndarray[Any, Any], rng: Rng) -> None:
    """Open a model through one of the doors, and ask it everything."""
    match int(rng.integers(4)):
        case 0:
            workflow = Workflow(task="mmedu", checkpoint=str(file))
            workflow.inference(data=picture, img_type="cv2", thr=float(rng.random()))
            workflow.format_output(lang="zh", isprint=False)
        case 1:
            model = BaseDeploy.load(str(file))
            model.inference(picture)
        case 2:
            data = ModelData(str(file))
            for ask in (data.get_codebase, data.get_labels, data.get_modelname, data.get_preprocess):
                ask()
        case _:
            custom = Workflow(task="custom", checkpoint=str(file))
            custom.inference(data=np.zeros((1, 3, 16, 16), np.float32))


class Files:
    """The bytes of exported models, and of what lies beside them, spoiled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._picture = models_on_disk.picture("green")
        classifier = models_on_disk.classifier(folder / "c.onnx")
        detector = models_on_disk.detector(folder / "d.onnx")
        self._sets = [{".onnx": classifier.read_bytes()}, {".onnx": detector.read_bytes()}]
        if find_spec("ncnn") is not None:
            param = models_on_disk.ncnn_classifier(folder / "n.ncnn.param")
            tensors = {
                "inputs": json.dumps([{"name": "in0", "shape": [1, 3, 16, 16], "dtype": "float32"}]),
                "outputs": json.dumps([{"name": "out0", "shape": [1, 3], "dtype": "float32"}]),
            }
            beside = json.dumps({**models_on_disk.info().to_metadata(), **tensors}).encode()
            parts = {".ncnn.param": param.read_bytes(), ".ncnn.bin": param.with_suffix(".bin").read_bytes()}
            self._sets += [{**parts, ".ncnn.json": beside}] * 2
        if find_spec("openvino") is not None:
            xml = models_on_disk.openvino_of(classifier, folder / "o.xml", models_on_disk.info())
            self._sets += [{".xml": xml.read_bytes(), ".bin": xml.with_suffix(".bin").read_bytes()}] * 2
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        files = dict(pick(rng, self._sets))
        for old in self._folder.glob("x.*"):
            old.unlink()
        chosen = pick(rng, sorted(files))
        data = files[chosen]
        if chosen.endswith(".json") and rng.integers(3):
            values = json.loads(data)
            name = pick(rng, sorted(values))
            values[name] = json_text(rng, spoiled_values(rng, json.loads(values[name]))).decode("utf-8", "replace")
            files[chosen] = json_text(rng, values) if rng.integers(2) else json.dumps(values).encode()
        else:
            files[chosen] = spoiled(rng, data)
        if rng.integers(20) == 0:
            del files[chosen]
        self.thrown = files.get(chosen, b"")
        for suffix, content in files.items():
            (self._folder / f"x{suffix}").write_bytes(content)
        first = next(iter(files), ".onnx")
        use(self._folder / f"x{first}", self._picture, rng)
