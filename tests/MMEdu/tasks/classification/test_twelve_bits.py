"""A set of 16-bit pictures with values of 12 bits: trained, predicted and exported as if they were stretched."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import BaseDeploy
from BaseDT import image
from BaseDT.preprocess import Preprocess
from MMEdu import MMClassification
from MMEdu.engine import checkpoint
from XEdu import live
from XEdu.hub import Workflow
from XEdu.runtime.model import Model


def _write(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return path


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Left-bright and right-bright pictures."""
    monkeypatch.chdir(tmp_path)
    ramp = np.tile(np.linspace(60, 3900, 40), (40, 1))
    for part, count in (("training_set", 8), ("val_set", 4)):
        for number in range(count):
            for name, pixels in (("左", ramp[:, ::-1]), ("右", ramp)):
                _write(tmp_path / "集 合" / part / name / f"{number}.png", (pixels + number).astype(np.uint16))
    return tmp_path


def test_training_and_every_runtime_stretch_alike(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = MMClassification(backbone="LeNet")
    model.load_dataset(str(place / "集 合"))
    model.save_fold = "ck"
    model.train(epochs=6, lr=0.05, flip=False, device="cpu", random_seed=3)
    shown = capsys.readouterr().out
    assert shown.count("use 12 of them") == 1
    assert "accuracy_top-1: 100.0000" in shown, "black pictures would give 50"

    assert checkpoint.read("ck/latest.pth")["meta"]["preprocess"]["bits"] == 12
    model.convert(checkpoint="ck/latest.pth", out_file="out.onnx")
    wide = place / "集 合" / "val_set" / "右" / "1.png"
    array = cv2.imdecode(np.fromfile(wide, np.uint8), cv2.IMREAD_UNCHANGED)
    stretched = (array >> 4).astype(np.uint8)

    flow, deployed = Workflow(task="mmedu", checkpoint="out.onnx"), BaseDeploy.load("out.onnx")
    for predict in (
        lambda source: model.inference(image=source, checkpoint="ck/latest.pth", show=False)["pred_score"],
        lambda source: flow.inference(data=source)["置信度"],
        lambda source: flow.inference(data=source, img_type="cv2")[0]["置信度"],
        lambda source: deployed.inference(source)[0].tolist(),
    ):
        assert predict(str(wide)) == predict(array) == predict(stretched)
    summary = live.run(Model.load("out.onnx"), place / "集 合" / "val_set" / "右", out="live", show=False)
    assert summary.frames == 4
    assert image.read(next(Path("live").iterdir())).mean() > 60, "it is shown as the model sees it"
    judged = flow.evaluate(str(place / "集 合"), save_fold="judged")
    assert judged["accuracy"] == 1


def test_it_is_resumed_as_it_was(place: Path) -> None:
    model = MMClassification(backbone="LeNet")
    model.load_dataset(str(place / "集 合"))
    model.save_fold = "ck"
    model.train(epochs=1, device="cpu")
    model.train(epochs=2, resume=True, device="cpu")
    described = checkpoint.read("ck/latest.pth")["meta"]["preprocess"]
    assert Preprocess.from_dict(described).bits == 12


def test_of_eight_bits_nothing_is_said_or_written(place: Path) -> None:
    assert "bits" not in Preprocess((8, 8)).to_dict()
    assert Preprocess.from_dict(Preprocess((8, 8)).to_dict()).bits == 16
