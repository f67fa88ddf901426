"""Names and properties that are not UTF-8, and models without an input, are refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

import models_on_disk
from BaseDT.errors import CheckpointInvalid
from XEdu.hub import Workflow


@pytest.mark.parametrize(("old", "new"), [(b'"format"', b'"f\xffrmat"'), (b"MODEL_INFO", b"MODEL_\xffNFO")])
def test_properties_that_are_not_utf_8(tmp_path: Path, refused, old: bytes, new: bytes) -> None:
    file = models_on_disk.classifier(tmp_path / "模 型.onnx")
    file.write_bytes(file.read_bytes().replace(old, new))
    with refused(CheckpointInvalid, "not UTF-8"):
        Workflow(task="mmedu", checkpoint=str(file))


def test_a_model_of_openvino_without_an_input(tmp_path: Path, refused) -> None:
    pytest.importorskip("XEdu.runtime.no_telemetry").forbid()
    openvino = pytest.importorskip("openvino")
    from openvino import opset8

    constant = opset8.constant([1.0])
    file = tmp_path / "空.xml"
    openvino.save_model(openvino.Model([opset8.result(opset8.relu(constant))], [], "empty"), file)
    for task in ("mmedu", "custom"):
        with refused(CheckpointInvalid, "no input"):
            Workflow(task=task, checkpoint=str(file))
