"""Every pretrained weight that the package index has, fetched and used for real: ``make test-weights``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from MMEdu import MMClassification, MMDetection
from MMEdu.models import registry
from MMEdu.weights import catalogue
from MMEdu.weights.pretrained import usual
from XEdu.weights.weights_folder import obtain

pytestmark = [pytest.mark.weights, pytest.mark.slow]
SHOWN = ("flower.jpg", "china.jpg")
"""Photographs that scikit-learn ships; the second shows a pavilion of the Summer Palace."""


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMEDU_HOME", str(tmp_path_factory.mktemp("家")))
        yield


@pytest.fixture(scope="module")
def crops(tmp_path_factory) -> Path:
    """Six crops of each of two photographs to train on, twelve others to validate with."""
    root = tmp_path_factory.mktemp("two 照片")
    generator = np.random.default_rng(1)
    for name in SHOWN:
        picture = load_sample_image(name)
        for part, count in (("training_set", 6), ("val_set", 12)):
            folder = root / part / name.removesuffix(".jpg")
            folder.mkdir(parents=True)
            for number in range(count):
                top, left = (int(generator.integers(side - 200)) for side in picture.shape[:2])
                Image.fromarray(picture[top : top + 200, left : left + 200]).save(folder / f"{number}.jpg")
    return root


@pytest.mark.parametrize("model", catalogue.names_in_wheels())
def test_a_head_on_the_pretrained_backbone_learns_from_six_pictures_a_class(model, crops, tmp_path):
    classifier = MMClassification(model)
    classifier.load_dataset(crops)
    log = classifier.train(epochs=8, pretrained=True, random_seed=1, save_fold=tmp_path / "run")
    assert max(line["accuracy_top-1"] for line in log if line["mode"] == "val") >= 95


@pytest.mark.parametrize("model", [name for name in catalogue.names_in_wheels() if name != "MobileNet"])
def test_a_whole_network_knows_what_a_photograph_shows(model, tmp_path):
    file = obtain(usual(registry.find(model, "classification")), lambda _: None)
    picture = np.ascontiguousarray(load_sample_image("china.jpg")[:, :, ::-1])
    result = MMClassification(model).inference(image=picture, checkpoint=file, show=False, save_fold=tmp_path)
    assert result["pred_class"] == "palace"


@pytest.mark.parametrize("model", ["SSD_Lite", "SSD_EfficientNet_Lite0", "Yolov3_MobileNet"])
def test_every_weight_of_a_detectors_backbone_comes_from_the_file(model):
    from MMEdu.weights.opening import open_weights

    entry = registry.find(model, "detection")
    network = MMDetection(model)._entry.build(2)
    opened = open_weights(obtain(usual(entry), lambda _: None), entry)
    own = {name: value.shape for name, value in network.state_dict().items() if name.startswith("backbone.")}
    given = {name: value.shape for name, value in opened.state.items()}
    counters = {name for name in own if name.endswith("num_batches_tracked")}
    assert {name: shape for name, shape in given.items() if name in own and name not in counters} == {
        name: shape for name, shape in own.items() if name not in counters
    }
