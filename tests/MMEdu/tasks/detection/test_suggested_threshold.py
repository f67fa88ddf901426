"""From which score on boxes are shown: what the validation suggests, who says so, and the regions that follow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from BaseDT.errors import ParameterInvalid
from MMEdu import MMDetection
from MMEdu.engine import checkpoint
from MMEdu.engine.events import Notice
from MMEdu.models import registry
from MMEdu.tasks.detection.arguments import DetectionPrediction
from MMEdu.tasks.detection.prediction import predictor
from MMEdu.weights.loaded_model import LoadedModel
from XEdu.hub import Workflow


@pytest.fixture
def suggesting(detector, tmp_path: Path) -> Path:
    """The trained detector, with a threshold of 0.25 that its validation might have suggested."""
    content = checkpoint.read(detector.checkpoint)
    content["meta"]["calibration"] = {"threshold": 0.25}
    file = tmp_path / "建议.pth"
    torch.save({name: content[name] for name in ("state_dict", "meta")}, file)
    return file


def notices(model: MMDetection) -> list[str]:
    texts: list[str] = []
    model.listener = lambda event: texts.append(event.text) if isinstance(event, Notice) else None
    return texts


def test_empty_results_say_what_would_find_something(suggesting, detector, workplace) -> None:
    model = MMDetection("SSD_Lite")
    texts = notices(model)
    assert model.inference(checkpoint=suggesting, image=detector.picture, show=False, thr=1.0) == []
    assert any("thr=0.25" in text and "auto" in text for text in texts)
    texts.clear()
    assert model.inference(checkpoint=suggesting, image=detector.picture, show=False, thr=0.0)
    model.inference(checkpoint=detector.checkpoint, image=detector.picture, show=False, thr=1.0)
    assert not [text for text in texts if "suggests" in text]


def test_auto_takes_the_suggestion_from_checkpoint_and_exported_file(suggesting, detector, workplace, capsys) -> None:
    model = MMDetection("SSD_Lite")
    by_hand = model.inference(checkpoint=suggesting, image=detector.picture, show=False, thr=0.25)
    assert model.inference(checkpoint=suggesting, image=detector.picture, show=False, thr="auto") == by_hand
    file = model.convert(checkpoint=suggesting, out_file="m.onnx")
    flow = Workflow(task="mmedu", checkpoint=file)
    exported = flow.inference(data=str(detector.picture), thr="auto")
    assert len(exported) == len(by_hand)
    assert all(box["置信度"] >= 0.25 for box in exported)
    capsys.readouterr()
    for _ in range(2):
        flow.inference(data=str(detector.picture), thr=1.0)
    assert capsys.readouterr().err.count("thr=0.25") == 1, "a loop over frames is told once"


@pytest.mark.parametrize("thr", ["auto", "Auto", -0.1, 1.5])
def test_what_is_no_threshold_is_refused(thr: object, detector, workplace, refused) -> None:
    with refused(ParameterInvalid, "thr"):
        MMDetection("SSD_Lite").inference(checkpoint=detector.checkpoint, image=detector.picture, show=False, thr=thr)


def test_the_validation_leaves_it_in_the_checkpoint(detector) -> None:
    meta = checkpoint.read(detector.checkpoint)["meta"]
    assert set(meta["calibration"]) == {"threshold"}


@pytest.mark.parametrize(
    ("given", "score", "region"),
    [
        ({}, 0.7, 0.7),
        ({"thr": 0.0}, 0.0, 0.0),
        ({"thr": 0.9}, 0.9, 0.7),
        ({"thr": 0.2, "rpn_threshold": 0.5}, 0.2, 0.5),
        ({"rcnn_threshold": 0.1}, 0.1, 0.1),
        ({"thr": "auto"}, 0.12, 0.12),
    ],
)
@pytest.mark.parametrize("name", ["FasterRCNN", "Mask_RCNN"])
def test_regions_of_two_stage_models_follow_the_boxes(name: str, given: dict, score: float, region: float) -> None:
    entry = registry.find(name, "detection")
    model = LoadedModel(nn.Identity(), entry.preprocess, ("a",), torch.device("cpu"), entry, threshold=0.12)
    found = predictor(model, DetectionPrediction(**given))
    assert (found.score_threshold, found.rpn_threshold) == (score, region)


def test_with_thr_0_a_fresh_two_stage_model_gives_boxes() -> None:
    torch.manual_seed(0)
    entry = registry.find("FasterRCNN", "detection")
    network = entry.build(2).eval()
    preprocess = entry.preprocess.with_size(64)
    model = LoadedModel(network, preprocess, ("a", "b"), torch.device("cpu"), entry)
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    assert predictor(model, DetectionPrediction(thr=0.0)).of([picture], [None])[0]
