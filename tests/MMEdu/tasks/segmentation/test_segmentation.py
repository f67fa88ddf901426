"""MMSegmentation by its documents: arguments, files of a run, results, conversion, INT8, resuming, bad input."""

from __future__ import annotations

import json
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import segmentation_data
import torch
from PIL import Image
from typer.testing import CliRunner

import BaseDeploy
from BaseDT import image
from BaseDT.errors import (
    CheckpointNotFound,
    DatasetNotFound,
    DatasetNotLoaded,
    NothingLoaded,
    NothingToShow,
    ParameterInvalid,
    ParameterUnknown,
    TaskMismatch,
    TrainingInterrupted,
)
from BaseDT.language import use_language
from MMEdu import MMDetection, MMSegmentation
from MMEdu.cli import app
from MMEdu.engine.events import EpochFinished, Notice
from XEdu.hub import Workflow
from XEdu.runtime.model import Model

ARGUMENTS = {"image_size": 64, "batch_size": 4, "optimizer": "AdamW", "lr": 0.005, "random_seed": 3}


@dataclass(frozen=True)
class Segmenter:
    dataset: Path
    folder: Path
    log: list

    @property
    def checkpoint(self) -> Path:
        return next(self.folder.glob("best_mIoU_epoch_*.pth"))

    @property
    def picture(self) -> Path:
        return self.dataset / "images" / "val 图 00.png"


@pytest.fixture(scope="module", autouse=True)
def _no_waiting_for_the_disk():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        yield


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory) -> Segmenter:
    place = tmp_path_factory.mktemp("分割")
    dataset = segmentation_data.write(place / "数据 集", train=12, valid=4)
    model = MMSegmentation("UNet")
    model.load_dataset(dataset)
    log = model.train(epochs=12, save_fold=place / "模 型", **ARGUMENTS)
    return Segmenter(dataset, place / "模 型", log)


@pytest.fixture
def model() -> MMSegmentation:
    return MMSegmentation("UNet")


def test_it_learns_and_the_log_has_the_documented_keys(segmenter):
    env, step, *_, val = segmenter.log
    assert (env["task"], env["classes"], env["epochs"]) == ("segmentation", ["背景", "方块", "圆"], 12)
    assert {"loss", "loss_ce", "loss_dice", "lr"} <= step.keys()
    assert val["mIoU"] > 0.6
    assert val["aAcc"] > 0.9
    assert 0 < val["mAcc"] <= 1


def test_the_files_of_a_run(segmenter):
    names = {path.name for path in segmenter.folder.iterdir()}
    assert {"latest.pth", "curves.png", "confusion_matrix.png", "per_class.csv"} <= names
    table = (segmenter.folder / "per_class.csv").read_text("utf-8-sig").splitlines()
    assert table[0].startswith("class,IoU,")
    assert [line.partition(",")[0] for line in table[1:]] == ["背景", "方块", "圆"]


def test_a_result_has_the_documented_shape_and_the_mask_the_size_of_the_picture(model, segmenter, workplace):
    result = model.inference(image=segmenter.picture, checkpoint=segmenter.checkpoint)
    assert json.loads(json.dumps(result)) == result
    (square,) = [entry for entry in result if entry["预测结果"] == "方块"]
    assert square["标签"] == 1
    assert square["占比"] == pytest.approx(square["面积"] / (90 * 120))
    truth = np.array(Image.open(segmenter.dataset / "labels" / "val 图 00.png"))
    assert result.mask.shape == truth.shape
    assert (result.mask == truth).mean() > 0.9
    assert (workplace / "seg_result" / segmenter.picture.name).is_file()


def test_a_folder_gives_a_list_in_order(model, segmenter, workplace):
    results = model.inference(image=segmenter.dataset / "images", checkpoint=segmenter.checkpoint, show=False)
    assert len(results) == len(model.files) == 16
    assert model.files == sorted(model.files)


def test_only_some_classes_cut_out_and_erased(model, segmenter, workplace):
    common = {"image": segmenter.picture, "checkpoint": segmenter.checkpoint}
    assert [entry["标签"] for entry in model.inference(**common, target_class="方块", show=False)] == [1]
    assert model.inference(**common, target_class=["圆"], show=False, thr=0.9) == []
    model.inference(**common, target_class="方块", cut_out=True, save_fold="抠 图")
    cut = np.array(Image.open(workplace / "抠 图" / "val 图 00.png"))
    assert cut.shape == (90, 120, 4)
    truth = np.array(Image.open(segmenter.dataset / "labels" / "val 图 00.png"))
    assert ((cut[..., 3] > 0) == (truth == 1)).mean() > 0.9
    model.inference(**common, target_class="方块", erase=True, save_fold="擦 除")
    erased = image.read(workplace / "擦 除" / "val 图 00.png")
    assert (erased[truth == 1].mean(axis=0) < 180).all()


def test_the_spellings_of_older_programs(model, segmenter, workplace):
    old = model.inference(
        device="cpu", pretrain_model=segmenter.checkpoint, is_trained=True, image=segmenter.picture, work_dir="结 果"
    )
    assert old == model.inference(image=segmenter.picture, checkpoint=segmenter.checkpoint, show=False)
    assert (workplace / "结 果" / segmenter.picture.name).is_file()
    with pytest.raises(ParameterInvalid, match="both given"), use_language("en"):
        model.inference(image=segmenter.picture, checkpoint="a.pth", pretrain_model="b.pth")


def test_fast_inference_and_print_result_say_the_same(model, segmenter, workplace, capsys):
    model.load_checkpoint(segmenter.checkpoint, target_class=1)
    fast = model.fast_inference(image=segmenter.picture, show=False)
    assert [entry["标签"] for entry in fast] == [1]
    assert model.print_result() == fast
    printed = capsys.readouterr().out
    assert "分割结果如下：\n[{'标签': 1" in printed
    assert "轮廓" not in printed


@pytest.mark.parametrize(("backend", "suffix"), [("ONNX", ".onnx"), ("NCNN", ".param"), ("OpenVINO", ".xml")])
def test_the_exported_segmenter_says_the_same(model, segmenter, workplace, backend, suffix):
    pytest.importorskip({"ONNX": "onnx", "NCNN": "ncnn", "OpenVINO": "openvino"}[backend])
    file = model.convert(checkpoint=segmenter.checkpoint, out_file="出 口/分割", backend=backend)
    assert file.name.endswith(suffix)
    trained = model.inference(image=segmenter.picture, checkpoint=segmenter.checkpoint, show=False)
    deployed = Workflow(task="mmedu", checkpoint=str(file)).inference(data=str(segmenter.picture))
    assert (deployed.mask == trained.mask).mean() >= 0.998
    by_another = BaseDeploy.load(str(file))
    by_another.inference(str(segmenter.picture))
    assert [entry["标签"] for entry in by_another.print_result()] == [entry["标签"] for entry in deployed]


def test_an_exported_file_knows_itself_and_takes_any_number_of_pictures(model, segmenter, workplace):
    file = model.convert(checkpoint=segmenter.checkpoint, out_file="任 意.onnx", dynamic=True)
    opened = Model.load(file)
    assert opened.info.classes == ("背景", "方块", "圆")
    assert opened.kind.name == "segmentation"
    tensor = opened.tensor(image.read(segmenter.picture))
    assert opened.run(np.concatenate([tensor] * 3))[0].shape == (3, 3, 32, 32)
    assert Path("任 意.py").is_file()


def test_int8_is_measured_by_miou(model, segmenter, workplace, capsys):
    model.load_dataset(segmenter.dataset)
    model.quantize(checkpoint=segmenter.checkpoint, max_drop=5.0)
    assert "mIoU FP32" in capsys.readouterr().out


def test_interrupted_and_resumed_it_ends_bit_for_bit_where_an_uninterrupted_run_does(segmenter, tmp_path):
    def run(folder: Path, **arguments):
        model = MMSegmentation("UNet")
        model.load_dataset(segmenter.dataset)
        return model.train(epochs=3, save_fold=folder, **ARGUMENTS, **arguments)

    whole = run(tmp_path / "完 整")
    stop = threading.Event()
    with pytest.raises(TrainingInterrupted):
        run(
            tmp_path / "中 断",
            stop=stop,
            listener=lambda event: stop.set() if isinstance(event, EpochFinished) and event.epoch == 1 else None,
        )
    resumed = run(tmp_path / "中 断", resume=True)
    states = [
        torch.load(tmp_path / name / "latest.pth", weights_only=True)["state_dict"] for name in ("完 整", "中 断")
    ]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert resumed[-1]["mIoU"] == whole[-1]["mIoU"]


def test_epochs_that_were_steps_are_told_of_once(model, segmenter, tmp_path):
    model.load_dataset(segmenter.dataset)
    stop, lines = threading.Event(), []
    stop.set()
    with pytest.raises(TrainingInterrupted), use_language("en"):
        model.train(
            epochs=40000,
            save_fold=tmp_path / "m",
            stop=stop,
            listener=lambda event: lines.append(event.text) if isinstance(event, Notice) else None,
            **ARGUMENTS,
        )
    assert sum("epochs=40000" in line and "single steps" in line for line in lines) == 1


def test_the_command_line_does_it_too(segmenter, workplace):
    def run(*arguments: object) -> str:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    report = json.loads(run("check", segmenter.dataset, "--json"))
    assert (report["task"], report["classes"]) == ("segmentation", ["背景", "方块", "圆"])
    assert sum(report["shares"]) == pytest.approx(1, abs=1e-4)
    assert "方块" in run("infer", segmenter.checkpoint, segmenter.picture)
    run("convert", segmenter.checkpoint, "命令.onnx")
    rows = json.loads(run("infer", "命令.onnx", segmenter.picture, "--json", "--no-show"))["results"]
    assert rows[0]["classes"][0]["class"] == "方块"
    run("train", segmenter.dataset, "--backbone", "UNet", "--epochs", 1, "--image-size", 32, "--save-fold", "模 型")
    assert Path("模 型/latest.pth").is_file()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda m, s: m.load_dataset("无"), DatasetNotFound, "无"),
        (lambda m, s: m.load_dataset(s.dataset, dataset_type=3), ParameterInvalid, "dataset_type"),
        (lambda m, s: m.load_dataset(s.dataset, Check=True), ParameterUnknown, "check"),
        (lambda m, s: m.train(epochs=1), DatasetNotLoaded, "dataset"),
        (lambda m, s: m.train(metric="mAP"), ParameterInvalid, "mIoU"),
        (lambda m, s: m.train(save_best="IoU"), ParameterInvalid, "mIoU"),
        (lambda m, s: m.train(log_interval=0), ParameterInvalid, "log_interval"),
        (lambda m, s: m.train(eval_interval=1.5), ParameterInvalid, "eval_interval"),
        (lambda m, s: m.inference(image=s.picture), CheckpointNotFound, "checkpoint"),
        (lambda m, s: m.inference(image=s.picture, checkpoint=s.checkpoint, thr=2), ParameterInvalid, "thr"),
        (
            lambda m, s: m.inference(image=s.picture, checkpoint=s.checkpoint, target_class="园"),
            ParameterInvalid,
            "target_class",
        ),
        (
            lambda m, s: m.inference(image=s.picture, checkpoint=s.checkpoint, target_class=7),
            ParameterInvalid,
            "target_class",
        ),
        (
            lambda m, s: m.inference(image=s.picture, checkpoint=s.checkpoint, cut_out=True, erase=True),
            ParameterInvalid,
            "erase",
        ),
        (lambda m, s: m.inference(image=s.picture, is_trained="yes"), ParameterInvalid, "is_trained"),
        (lambda m, s: m.fast_inference(image=s.picture), NothingLoaded, "load_checkpoint"),
        (lambda m, s: m.print_result(), NothingToShow, "result"),
        (lambda m, s: m.print_result([{"标签": 1}]), ParameterInvalid, "inference"),
        (lambda m, s: MMSegmentation("UNet", classes=3), ParameterUnknown, "num_classes"),
        (lambda m, s: MMDetection("SSD_Lite").inference(image=s.picture, checkpoint=s.checkpoint), TaskMismatch, "seg"),
    ],
)
def test_a_mistake_is_named(model, segmenter, workplace, call, error, words):
    with pytest.raises(error) as caught, use_language("en"):
        call(model, segmenter)
    assert words in f"{caught.value.message} {caught.value.hint}"


def test_a_size_that_cannot_be_halved_as_often_is_named_with_those_that_can(model, segmenter, tmp_path):
    model.load_dataset(segmenter.dataset)
    with pytest.raises(ParameterInvalid) as caught, use_language("en"):
        model.train(epochs=1, image_size=100, save_fold=tmp_path / "m")
    assert "multiples of 16" in caught.value.message
    assert "96 or 112" in caught.value.hint


def test_a_mask_that_turns_out_broken_is_left_out_and_named(segmenter, tmp_path, model):
    dataset = Path(shutil.copytree(segmenter.dataset, tmp_path / "坏 的"))
    broken = dataset / "labels" / "train 图 01.png"
    broken.write_bytes(broken.read_bytes()[:70])
    with pytest.raises(Exception, match="train 图 01"):
        model.load_dataset(dataset)
    model.load_dataset(dataset, check="skip")
    log = model.train(epochs=1, save_fold=tmp_path / "m", **ARGUMENTS)
    assert log[0]["dataset_size"] == 11


def test_from_a_pretrained_backbone_fresh_weights_move_faster_and_a_resumed_run_knows_it():
    from MMEdu.engine.optim import make_optimizer
    from MMEdu.models import registry
    from MMEdu.tasks.segmentation.plan import _groups

    network = registry.find("FPN_MobileNet", "segmentation").build(3)
    backbone, fresh = _groups(network, pretrained=True)
    assert fresh["lr_multiplier"] == 10
    assert len(backbone["params"]) + len(fresh["params"]) == len(list(network.parameters()))
    first, again = (make_optimizer("AdamW", _groups(network, pretrained=known), 0.001, 0.0) for known in (True, False))
    again.load_state_dict(first.state_dict())
    assert [group.get("lr_multiplier", 1.0) for group in again.param_groups] == [1.0, 10.0]
    assert all(group.get("lr_multiplier", 1.0) == 1.0 for group in _groups(network, pretrained=False))
    assert len(_groups(registry.find("UNet", "segmentation").build(3), pretrained=True)) == 1


def test_from_scratch_the_recipe_paces_what_is_left_open_and_a_resumed_run_goes_on_as_it_began(segmenter, tmp_path):
    def run(**arguments) -> tuple[list, list[str]]:
        model, lines = MMSegmentation("UNet"), []
        model.load_dataset(segmenter.dataset)
        listener = lambda event: lines.append(event.text) if isinstance(event, Notice) else None  # noqa: E731
        common = {"image_size": 32, "batch_size": 4, "random_seed": 1, "listener": listener}
        return model.train(**common, **arguments), lines

    with use_language("en"):
        log, lines = run(epochs=1, save_fold=tmp_path / "新")
        assert (log[0]["optimizer"], log[0]["lr"]) == ("AdamW", 0.003)
        assert sum("From scratch AdamW learns best" in line for line in lines) == 1
        log, lines = run(epochs=1, save_fold=tmp_path / "旧", checkpoint=segmenter.checkpoint)
        assert (log[0]["optimizer"], log[0]["lr"]) == ("SGD", 0.01)
        log, lines = run(epochs=2, save_fold=tmp_path / "旧", resume=True)
        assert (log[-2]["mode"], log[-2]["epoch"]) == ("train", 2)
        assert not any("learns best" in line for line in lines)
        log, _ = run(epochs=1, save_fold=tmp_path / "选", lr=0.02)
        assert (log[0]["optimizer"], log[0]["lr"]) == ("SGD", 0.02)
