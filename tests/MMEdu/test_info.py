"""``pth_info``: what a checkpoint says of itself."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import torch

import MMEdu
import networks_on_disk
from BaseDT.errors import CheckpointInvalid, CheckpointNotFound
from BaseDT.onnx_write import OnnxGraph
from MMEdu import pth_info
from MMEdu.info import read_meta


def test_it_prints_tool_backbone_and_device_first(trained, capsys):
    assert pth_info(trained.checkpoint) is None
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [f"tool: MMEdu {MMEdu.__version__}", "backbone: LeNet", "device: cpu"]


def test_it_prints_what_the_documents_want_to_know(trained, capsys):
    pth_info(checkpoint=str(trained.checkpoint))
    out = capsys.readouterr().out
    assert "CLASSES: ['狗', '猫']" in out
    assert "task: classification" in out
    assert "dataset_size: 24" in out
    assert "learning_rate: 0.01" in out
    assert re.search(r"^epoch: 6$", out, re.M)
    assert re.search(r"^time: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", out, re.M)
    assert "preprocess: " in out


def test_it_does_not_print_weights_or_the_state_of_a_run(trained, capsys):
    pth_info(trained.checkpoint)
    out = capsys.readouterr().out
    assert "tensor" not in out
    assert not {"run", "settings", "dataset"} & {line.partition(":")[0] for line in out.splitlines()}


def test_tool_backbone_and_device_come_first_whatever_the_order_in_the_file(trained, tmp_path, capsys):
    content = torch.load(trained.checkpoint, weights_only=True)
    content["meta"] = dict(sorted(content["meta"].items()))
    torch.save(content, tmp_path / "排 序.pth")
    pth_info(tmp_path / "排 序.pth")
    names = [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()]
    assert names[:3] == ["tool", "backbone", "device"]


@pytest.mark.parametrize("pattern", ["epoch_1.pth", "best_*.pth", "latest.pth"])
def test_every_file_of_a_run_can_be_looked_at(trained, pattern, capsys):
    (file,) = trained.folder.glob(pattern)
    pth_info(file)
    assert "backbone: LeNet" in capsys.readouterr().out


def test_the_description_can_be_read_without_printing(trained, capsys):
    meta = read_meta(trained.checkpoint)
    assert list(meta)[:3] == ["tool", "backbone", "device"]
    assert meta["CLASSES"] == ["狗", "猫"]
    assert capsys.readouterr().out == ""


def test_a_path_with_spaces_and_chinese(trained, tmp_path, capsys):
    place = tmp_path / "权 重" / "我的 模型.pth"
    place.parent.mkdir()
    shutil.copy(trained.checkpoint, place)
    pth_info(place)
    assert "LeNet" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_named_with_those_that_are(trained, refused):
    with refused(CheckpointNotFound) as caught:
        pth_info(trained.folder / "letest.pth")
    assert "latest.pth" in caught.value.hint


@pytest.mark.parametrize("checkpoint", [None, 5, [], b"a.pth"])
def test_what_is_no_path_is_refused(checkpoint, refused):
    with refused(CheckpointInvalid):
        pth_info(checkpoint)


def test_a_folder_or_another_file_is_refused(trained, tmp_path, refused):
    (tmp_path / "日 志.pth").write_text("{}", encoding="utf-8")
    for path in (trained.folder, next(trained.folder.glob("*.log.json")), tmp_path / "日 志.pth", Path(__file__)):
        with refused(CheckpointInvalid):
            pth_info(path)


def test_a_network_of_a_ready_made_task_says_where_it_is_from(tmp_path, capsys):
    graph = OnnxGraph("g")
    graph.add_output(graph.add("Relu", [graph.add_input("input", (1, 3, 8, 8))], "out"), (1, 3, 8, 8))
    for name, properties in (("ours", {"source": "包==1.0 a/b.tflite", "licence": "Apache-2.0"}), ("other", {})):
        (tmp_path / f"{name}.onnx").write_bytes(graph.encoded(properties))
    pth_info(tmp_path / "ours.onnx")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["source: 包==1.0 a/b.tflite", "licence: Apache-2.0"]
    assert not any("does not say" in line for line in lines)
    pth_info(tmp_path / "other.onnx")
    assert "It does not say: task" in capsys.readouterr().out


def test_an_exported_network_of_basenn_says_what_it_is_for(tmp_path, capsys):
    pth_info(networks_on_disk.table(tmp_path / "鸢 尾.onnx"))
    printed = capsys.readouterr().out
    for word in ("task: cls", "dataset_type: tab", "input_size: [1, 3]", "山鸢尾"):
        assert word in printed
    assert "does not say" not in printed
