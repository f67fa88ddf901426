"""``convert(features=True)``: what the last layer sees is the second output, and the file says where that layer is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

import BaseDeploy
from BaseDT import image, onnx_file
from BaseDT.errors import CheckpointInvalid, ExportFailed, ParameterInvalid
from BaseDT.model_info import Head, ModelInfo
from MMEdu import MMClassification, MMDetection
from MMEdu.export import onnx as onnx_format
from MMEdu.models import recipe_file
from MMEdu.tasks.classification.signature import with_features
from XEdu.hub import Workflow
from XEdu.runtime.model import Model
from XEdu.teach import Learner

HEAD = Head("features", "network.classifier.2.weight", "network.classifier.2.bias")
KEY = "mmedu"


@pytest.fixture(scope="module")
def with_both(trained, tmp_path_factory) -> Path:
    """The trained LeNet with features."""
    place = tmp_path_factory.mktemp("特征") / "猫 狗"
    return MMClassification("LeNet").convert(trained.checkpoint, out_file=place, features=True, standalone=True)


def test_the_features_stand_behind_the_probabilities_and_are_what_embed_gives(with_both, trained):
    model = Model.load(with_both)
    assert [(spec.name, spec.shape) for spec in model.backend.outputs] == [("probs", (1, 2)), ("features", (1, 84))]
    probabilities, features = model.run(model.tensor(image.read(trained.dog)))
    embedded = MMClassification("LeNet").embed(trained.dog, trained.checkpoint)
    assert np.abs(features - embedded).max() < 1e-5
    weight, bias = (tensor(with_both, name) for name in (HEAD.weight, HEAD.bias))
    logits = features @ weight.T + bias
    assert np.allclose(probabilities, np.exp(logits) / np.exp(logits).sum(), atol=1e-6)


def tensor(file: Path, name: str) -> np.ndarray:
    tensors = {item.name: onnx.numpy_helper.to_array(item) for item in onnx.load(file).graph.initializer}
    return tensors[name]


def test_the_file_says_where_its_head_is(with_both, converted):
    assert ModelInfo.from_metadata(onnx_file.read(with_both).metadata).head == HEAD
    assert ModelInfo.from_metadata(onnx_file.read(converted.file).metadata).head is None


def test_who_reads_a_classifier_reads_this_one(with_both, converted, trained):
    for picture in (trained.dog, trained.cat):
        said = Workflow("mmedu", with_both).inference(picture)
        assert said == pytest.approx(Workflow("mmedu", converted.file).inference(picture))
        deployed = BaseDeploy(str(with_both))
        assert deployed.print_result(deployed.inference(picture)) == pytest.approx(said)
    session = onnxruntime.InferenceSession(str(with_both))
    assert session.get_outputs()[0].name == "probs"  # the original clients read the first


def test_the_standalone_script_reads_the_first_output(with_both, trained):
    script = with_both.with_name("猫 狗_standalone.py")
    done = subprocess.run(
        [sys.executable, "-X", "utf8", script, trained.cat], capture_output=True, encoding="utf-8", check=False
    )
    assert "'预测结果': '猫'" in done.stdout, done.stderr


def test_any_number_of_pictures_at_once(trained, workplace):
    model = MMClassification("LeNet")
    file = model.convert(trained.checkpoint, out_file="x", features=True, dynamic=True)
    opened = Model.load(file)
    batch = np.concatenate([opened.tensor(image.read(picture)) for picture in (trained.dog, trained.cat)])
    assert [output.shape for output in opened.run(batch)] == [(2, 2), (2, 84)]


def test_the_head_of_an_int8_file_can_still_be_replaced(with_both, trained, workplace):
    file = MMClassification("LeNet").quantize(with_both, "q", trained.dataset, max_drop=100)
    assert file.stat().st_size < with_both.stat().st_size
    assert ModelInfo.from_metadata(onnx_file.read(file).metadata).head == HEAD
    assert np.array_equal(tensor(file, HEAD.weight), tensor(with_both, HEAD.weight))
    learner = Learner(file)
    for name in ("狗", "猫"):
        learner.add(name, trained.dataset / "training_set" / name)
    saved = Workflow("mmedu", learner.save())
    for picture, name in ((trained.dog, "狗"), (trained.cat, "猫")):
        said = saved.inference(picture)
        assert said == pytest.approx(learner.predict(picture), abs=1e-5)
        assert said["预测结果"] == name


# What a model of its own kind of head looks like: one in a sequence behind dropout, one named fc, one without bias.
@pytest.mark.parametrize(
    "name", ["MobileNet", "ResNet18", "RepVGG", "ShuffleNet_v2", pytest.param("swin_t", marks=pytest.mark.full)]
)
def test_the_head_is_found_in_every_kind_of_network(name):
    entry = recipe_file.entry_of(name, "classification")
    network = entry.build(3).eval()
    signature = with_features(entry)
    version = onnx_format.Version(17, 8) if name == "swin_t" else onnx_format.Version(11, 6)
    example = torch.zeros(1, entry.preprocess.channels, *entry.preprocess.size)
    wrapped = signature.wrap(network).eval()
    data = onnx_format.to_bytes(wrapped, example, signature.outputs, version, {}, dynamic=False)
    onnx_format.check_head(data, signature.head(network))


# --- bad input -------------------------------------------------------------------------------------------------------


def test_a_head_that_is_a_convolution_is_named(refused):
    entry = recipe_file.entry_of("squeezenet1_1", "classification")
    with refused(ParameterInvalid, "SqueezeNet", "MobileNet"):
        with_features(entry).head(entry.build(2))


def test_a_head_that_is_not_where_it_should_be_is_refused(with_both, refused):
    with refused(ExportFailed, "features=True"):
        onnx_format.check_head(with_both.read_bytes(), Head("features", "network.classifier.0.weight", HEAD.bias))


@pytest.mark.parametrize("backend", ["NCNN", "OpenVINO", "TensorRT"])
def test_other_formats_have_no_features(backend, trained, workplace, refused):
    with refused(ParameterInvalid, f"not for {backend}", "backend='ONNX'"):
        MMClassification("LeNet").convert(trained.checkpoint, backend, features=True)
    assert list(workplace.iterdir()) == []


def test_a_detector_has_no_features(refused):
    with refused(ParameterInvalid, "for classifiers"):
        MMDetection("SSD_Lite").convert("x.pth", features=True)


def test_features_are_either_wanted_or_not(trained, refused):
    with refused(ParameterInvalid, "features='yes'"):
        MMClassification("LeNet").convert(trained.checkpoint, features="yes")


@pytest.mark.parametrize("head", [{}, 3, {"features": "f"}, {"features": "f", "weight": 1, "bias": "b"}, {"a": "b"}])
def test_a_damaged_description_of_the_head_is_named(head, with_both, refused):
    metadata = onnx_file.read(with_both).metadata
    with refused(CheckpointInvalid, "x.onnx is damaged"):
        ModelInfo.from_metadata({KEY: json.dumps({**json.loads(metadata[KEY]), "head": head})}, "x.onnx")
