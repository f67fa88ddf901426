"""MMPose from data to the file that leaves the machine, by the documented calls; and what users do wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from pose_data import NAMES, face, quiet, write_faces

from BaseDT import image
from BaseDT.dataset import keypoints
from BaseDT.errors import (
    AnnotationMissing,
    BackboneUnknown,
    CheckpointInvalid,
    ClassCountMismatch,
    DatasetInvalid,
    NothingToShow,
    ParameterInvalid,
)
from MMEdu import MMPose
from MMEdu.engine import checkpoint
from MMEdu.engine.events import Notice
from XEdu.hub import Workflow
from XEdu.runtime.model import Model


def points_of(results: list[dict]) -> np.ndarray:
    (person,) = results
    return np.array(person["关键点坐标"])


def test_it_finds_what_it_has_learned(learned: tuple[Path, Path]):
    data, file = learned
    model = MMPose()
    quiet(model)
    pixels, truth = face(77)
    box = [*(truth.min(axis=0) - 12), *(truth.max(axis=0) + 12)]
    found = model.inference(checkpoint=file, image=pixels[..., ::-1].copy(), boxes=box, show=False)
    assert np.linalg.norm(points_of(found) - truth, axis=1).max() < 4
    assert found[0]["预测结果"] == "脸"
    assert json.loads(json.dumps(found)) == found
    person = keypoints.load(data).val[0]
    again = model.inference(checkpoint=file, image=person.path, boxes=[person.box], show=False)
    assert np.linalg.norm(points_of(again) - person.points[:, :2], axis=1).max() < 4


def test_what_is_exported_says_the_same_whole_and_in_boxes(learned: tuple[Path, Path], tmp_path: Path):
    data, file = learned
    model = MMPose()
    quiet(model)
    model.load_checkpoint(file, thr=0.0)
    exported = model.convert(file, out_file=tmp_path / "导出.onnx")
    info = Model.load(exported).info
    assert info is not None
    assert (info.classes, info.options["names"]) == (("脸",), list(NAMES))
    assert (info.options["skeleton"], info.options["flip_pairs"]) == ([[0, 1], [0, 2]], [[1, 2]])
    flow = Workflow(task="mmedu", checkpoint=exported)
    for person in keypoints.load(data).val:
        for boxes in (None, [person.box]):
            ours = model.fast_inference(image=person.path, show=False, boxes=boxes)
            theirs = flow.inference(data=str(person.path), thr=0.0, **({} if boxes is None else {"bbox": boxes}))
            assert np.abs(points_of(ours) - points_of(theirs)).max() <= 0.1
            assert ours[0]["置信度"] == pytest.approx(theirs[0]["置信度"], abs=1e-3)


def test_int8_is_measured_with_pck(learned: tuple[Path, Path], tmp_path: Path):
    data, file = learned
    model = MMPose()
    events = quiet(model)
    written = model.quantize(file, out_file=tmp_path / "小.onnx", dataset_path=data, images=8)
    assert written.is_file()
    assert any("PCK" in event.text for event in events if isinstance(event, Notice))


def test_evaluate_says_what_the_validation_said(learned: tuple[Path, Path], tmp_path: Path):
    data, file = learned
    model = MMPose()
    quiet(model)
    content = model.evaluate(data, checkpoint=file, save_fold=tmp_path / "评估")
    said = checkpoint.read(file)["meta"]["metrics"]
    assert content["PCK"] == pytest.approx(said["PCK"], abs=1e-3)


def test_the_checkpoint_and_the_report_are_as_documented(learned: tuple[Path, Path]):
    _, file = learned
    meta = torch.load(file, weights_only=True)["meta"]
    assert json.loads(json.dumps(meta)) == meta
    assert meta["CLASSES"] == list(NAMES)
    assert (meta["skeleton"], meta["flip_pairs"], meta["objects"]) == ([[0, 1], [0, 2]], [[1, 2]], ["脸"])
    names = {path.name for path in file.parent.iterdir()}
    assert names >= {"curves.png", "skeletons.png", "pck_per_point.png", "per_point.csv", "latest.pth"}


def test_a_resumed_run_ends_as_an_uninterrupted_one(faces: Path, tmp_path: Path):
    def run(folder: Path, epochs: int, **more: object) -> dict:
        model = MMPose("SimCC_MobileNet")
        quiet(model)
        model.load_dataset(faces, check=False)
        arguments = {"batch_size": 4, "image_size": 32, "random_seed": 3, "pretrained": False, "precision": "float32"}
        model.train(epochs=epochs, save_fold=folder, **arguments, **more)
        return torch.load(folder / "latest.pth", weights_only=True)

    class AfterFirst:
        """Stops before the second epoch's first step."""

        steps = 0

        def is_set(self) -> bool:
            self.steps += 1
            return self.steps > 2

    whole = run(tmp_path / "一", 2)
    with pytest.raises(Exception, match="-801"):
        run(tmp_path / "二", 2, stop=AfterFirst())
    model = MMPose("SimCC_MobileNet")
    quiet(model)
    model.load_dataset(faces, check=False)
    model.train(epochs=2, resume_from=tmp_path / "二" / "latest.pth", image_size=32, pretrained=False, batch_size=4,
                random_seed=3, precision="float32")  # fmt: skip
    resumed = torch.load(tmp_path / "二" / "latest.pth", weights_only=True)
    for name, value in whole["state_dict"].items():
        assert torch.equal(value, resumed["state_dict"][name]), name


@pytest.mark.full
def test_validations_and_lines_come_at_intervals(faces: Path, tmp_path: Path):
    model = MMPose()
    quiet(model)
    model.load_dataset(faces, check=False)
    arguments = {"batch_size": 2, "image_size": 32, "random_seed": 3, "pretrained": False, "log_interval": 3}
    log = model.train(epochs=1, save_fold=tmp_path / "一", **arguments)
    assert [line["iter"] for line in log if line["mode"] == "train"] == [3, 4]
    arguments["eval_interval"] = 2
    log = model.train(epochs=20, lr=1e-6, save_fold=tmp_path / "二", max_keep_ckpts=1, **{**arguments, "batch_size": 8})
    assert [line["epoch"] for line in log if line["mode"] == "val"] == list(range(2, 21, 2))


def test_whole_pictures_without_boxes_are_persons(tmp_path: Path):
    data = write_faces(tmp_path / "没有 框", boxes=False, suffix=".jpg")
    model = MMPose()
    quiet(model)
    model.load_dataset(data)
    log = model.train(epochs=1, batch_size=4, image_size=32, random_seed=1, pretrained=False, save_fold=tmp_path / "m")
    assert 0 <= log[-1]["PCK"] <= 1
    assert "AP" not in log[-1]  # no area is known


def test_nothing_learned_is_said_with_what_helps(faces: Path, tmp_path: Path):
    model = MMPose()
    events = quiet(model)
    model.load_dataset(faces, check=False)
    model.train(epochs=1, lr=1e-6, image_size=32, random_seed=1, pretrained=False, save_fold=tmp_path / "m")
    text = "\n".join(event.text for event in events if isinstance(event, Notice))
    assert "Hardly anything was learned" in text
    results = model.inference(image=face(1)[0], show=False)
    assert results == []
    assert any("thr=0" in event.text for event in events if isinstance(event, Notice))
    assert len(model.inference(image=[face(1)[0], face(2)[0]], show=False, thr=0)) == 2


def test_results_are_printed_and_drawn(learned: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    data, file = learned
    model = MMPose()
    quiet(model)
    picture = next((data / "images").glob("val*"))
    model.inference(checkpoint=file, image=picture, thr=0, save_fold=tmp_path / "图")
    assert model.files == [picture.name]
    assert (tmp_path / "图" / picture.name).is_file()
    printed = model.print_result()
    assert "关键点检测结果如下" in capsys.readouterr().out
    assert model.print_result(printed) == printed


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "nearest"), [("HrNet32", "SimpleBaseline_MobileNet"), ("RTMPose", "SimCC_MobileNet")])
def test_the_original_s_networks_are_answered_with_what_comes_nearest(name: str, nearest: str):
    with pytest.raises(BackboneUnknown, match=nearest):
        MMPose(name)


def test_what_the_original_took_is_answered_with_the_way_here():
    with pytest.raises(ParameterInvalid, match="pose_body17"):
        MMPose(task="body17")
    with pytest.raises(ParameterInvalid, match="boxes"):
        MMPose(backbone_det="FasterRCNNpose")
    with pytest.raises(BackboneUnknown, match="SimCC_MobileNet"):
        MMPose("SimCC_MobileNe")


def test_pictures_have_the_names_of_earlier_versions_too(learned: tuple[Path, Path]):
    model = MMPose()
    quiet(model)
    model.checkpoint = learned[1]
    picture = face(5)[0]
    results = [model.inference(show=False, thr=0, **{name: picture}) for name in ("image", "img", "data")]
    assert results[0] == results[1] == results[2]
    with pytest.raises(ParameterInvalid, match="the same"):
        model.inference(image=picture, data=picture, show=False)


@pytest.mark.parametrize("boxes", [[1, 2, 3], [[5, 5, 5, 9]], "all", [[0, 0, float("nan"), 4]], 3])
def test_boxes_that_are_none_are_named(learned: tuple[Path, Path], boxes: object):
    model = MMPose()
    quiet(model)
    with pytest.raises(ParameterInvalid):
        model.inference(checkpoint=learned[1], image=face(1)[0], boxes=boxes, show=False)


def test_boxes_belong_to_one_picture(learned: tuple[Path, Path]):
    model = MMPose()
    quiet(model)
    with pytest.raises(ParameterInvalid, match="one picture"):
        model.inference(checkpoint=learned[1], image=[face(1)[0], face(2)[0]], boxes=[1, 1, 50, 50], show=False)
    assert model.inference(checkpoint=learned[1], image=face(1)[0], boxes=[], show=False) == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"metric": "mAP"}, "metric"),
        ({"save_best": "AP50"}, "save_best"),
        ({"eval_interval": 0}, "eval_interval"),
        ({"log_interval": "5"}, "log_interval"),
        ({"resume_from": "best.pth"}, "resume_from"),
    ],
)
def test_arguments_that_cannot_be_are_named(faces: Path, tmp_path: Path, arguments: dict, named: str):
    model = MMPose()
    quiet(model)
    model.load_dataset(faces, check=False)
    with pytest.raises(ParameterInvalid, match=named):
        model.train(epochs=1, save_fold=tmp_path / "m", **arguments)


def test_another_number_of_points_and_damaged_pictures_are_named(faces: Path, tmp_path: Path):
    model = MMPose(num_classes=4)
    quiet(model)
    model.load_dataset(faces, check=False)
    with pytest.raises(ClassCountMismatch):
        model.train(epochs=1, save_fold=tmp_path / "m")
    copy = tmp_path / "坏"
    shutil.copytree(faces, copy)
    picture = next((copy / "images").iterdir())
    picture.write_bytes(picture.read_bytes()[:200])
    with pytest.raises(DatasetInvalid, match=picture.name):
        model.load_dataset(copy)
    model.load_dataset(copy, check="skip")
    with pytest.raises(AnnotationMissing):
        model.load_dataset(write_faces(tmp_path / "空", train=0, val=0))


@pytest.mark.parametrize("edit", [{"skeleton": [[0, 9]]}, {"flip_pairs": "all"}, {"objects": []}, {"skeleton": [[1]]}])
def test_a_checkpoint_that_contradicts_itself_is_named(learned: tuple[Path, Path], tmp_path: Path, edit: dict):
    content = torch.load(learned[1], weights_only=True)
    content["meta"].update(edit)
    torch.save(content, tmp_path / "改.pth")
    model = MMPose()
    quiet(model)
    with pytest.raises(CheckpointInvalid):
        model.inference(checkpoint=tmp_path / "改.pth", image=face(1)[0], show=False)


def test_results_that_are_none_are_named():
    model = MMPose()
    with pytest.raises(NothingToShow):
        model.print_result()
    with pytest.raises(ParameterInvalid):
        model.print_result([{"关键点坐标": []}])


def test_a_set_without_names_of_sides_is_never_mirrored(tmp_path: Path):
    data = write_faces(tmp_path / "点", names=("a", "b", "c"))
    model = MMPose()
    events = quiet(model)
    model.load_dataset(data, check=False)
    model.train(epochs=1, image_size=32, random_seed=1, flip=True, pretrained=False, save_fold=tmp_path / "m")
    assert any("flip does nothing" in event.text for event in events if isinstance(event, Notice))
    assert image.read(next((data / "images").iterdir())).shape == (90, 120, 3)


def test_an_exported_model_that_is_sure_of_nobody_says_so_once(
    learned: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    model = MMPose()
    quiet(model)
    flow = Workflow(task="mmedu", checkpoint=model.convert(learned[1], out_file=tmp_path / "m.onnx"))
    nothing = np.full((40, 40, 3), 127, np.uint8)
    assert flow.inference(data=nothing, thr=0.99) == []
    assert flow.inference(data=nothing, thr=0.99) == []
    said = capsys.readouterr()
    assert (said.out + said.err).count("thr=0 shows the points") == 1
