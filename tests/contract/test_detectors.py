"""Every registered detector through its whole life: train a step, save, load, infer, export, infer from the export.

Whoever registers a detector has it here without writing a line. Those of a hundred megabytes are part of
``make test-full``; their networks have tests of their own in ``tests/MMEdu/models``.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from BaseDT import image
from BaseDT.preprocess import Preprocess
from MMEdu import MMDetection
from MMEdu.models import registry
from XEdu.hub import Workflow
from XEdu.runtime.model import Model

LIGHT = ("SSD_Lite", "Yolov3_MobileNet")
NAMES = [pytest.param(name, marks=() if name in LIGHT else pytest.mark.full) for name in registry.names("detection")]
SIDE = 128


@dataclass(frozen=True)
class Life:
    """One detector's training."""

    name: str
    model: MMDetection
    dataset: Path
    folder: Path
    log: list

    @property
    def checkpoint(self) -> Path:
        return self.folder / "latest.pth"

    @property
    def pictures(self) -> list[Path]:
        return sorted((self.dataset / "images" / "valid").iterdir())


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    place = str(Path(__file__).resolve().parents[1] / "MMEdu")
    if place not in sys.path:
        sys.path.insert(0, place)
    import detection_data

    return detection_data.write(tmp_path_factory.mktemp("所有 检测") / "数据 集", train=4, valid=3)


@pytest.fixture(scope="module", params=NAMES)
def life(request, dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("模 型")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        patch.setattr("MMEdu.tasks.detection.report.write", lambda *_: ())
        model = MMDetection(request.param)
        model.load_dataset(dataset)
        log = model.train(epochs=1, batch_size=2, image_size=SIDE, random_seed=1, save_fold=folder, precision="float32")
        yield Life(request.param, model, dataset, folder, log)
    torch.set_num_threads(threads)
    shutil.rmtree(folder)


def test_a_step_of_training_gives_losses_and_a_map(life):
    env, step, *_, val = life.log
    assert env["backbone"] == life.name
    assert {"loss_cls", "loss_bbox", "loss"} <= step.keys()
    assert all(math.isfinite(value) for name, value in step.items() if name.startswith("loss"))
    assert 0 <= val["bbox_mAP"] <= 1


def test_the_checkpoint_holds_weights_and_plain_data(life):
    meta = torch.load(life.checkpoint, weights_only=True)["meta"]
    assert json.loads(json.dumps(meta)) == meta
    assert (meta["backbone"], meta["CLASSES"]) == (life.name, ["方块", "圆"])
    assert Preprocess.from_dict(meta["preprocess"]).size == (SIDE, SIDE)


def test_another_object_finds_the_same(life):
    other = MMDetection(life.name.upper())
    other.load_checkpoint(str(life.checkpoint), thr=0.0)
    for path in life.pictures:
        fast = other.fast_inference(image=path, show=False)
        assert fast == other.fast_inference(image=image.read(path), show=False)
        assert all(0 <= one["坐标"]["x1"] <= one["坐标"]["x2"] <= 120 for one in fast)


def test_the_exported_model_sees_the_same_bits_and_finds_the_same(life, tmp_path):
    file = life.model.convert(life.checkpoint, out_file=tmp_path / "导 出" / life.name)
    written = onnx.load(file)
    assert ([entry.version for entry in written.opset_import], written.ir_version) == ([11], 6)
    exported = Model.load(file)
    preprocess = Preprocess.from_dict(torch.load(life.checkpoint, weights_only=True)["meta"]["preprocess"])
    network = registry.find(life.name, "detection").build(2).eval()
    network.load_state_dict(torch.load(life.checkpoint, weights_only=True)["state_dict"])
    for path in life.pictures:
        tensor = preprocess(image.read(path))
        assert np.array_equal(exported.tensor(image.read(path)), tensor)
        with torch.inference_mode():
            rows = network.detect(torch.from_numpy(tensor), score_threshold=0.05, max_detections=100)[0].numpy()
        scores = sorted((float(row[4]) for row in rows), reverse=True)[:10]
        found = Workflow(task="mmedu", checkpoint=file).inference(path, thr=0.05)
        assert [one["置信度"] for one in found[: len(scores)]] == pytest.approx(scores, abs=1e-3)
    file.unlink()
