"""What a detector makes of a set that is not as it should be: names of classes, masks, validation."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from BaseDT.errors import AnnotationMissing, ClassCountMismatch, DatasetInvalid
from MMEdu import MMDetection


@pytest.fixture
def model() -> MMDetection:
    return MMDetection("SSD_Lite")


def edited(detector, change, split: str = "train") -> Path:
    """A copy of the set, with one of its annotation files changed."""
    root = Path("数据 集")
    if not root.exists():
        shutil.copytree(detector.dataset, root)
    place = root / "annotations" / f"{split}.json"
    document: Any = json.loads(place.read_text("utf-8"))
    change(document)
    place.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return root


# --- class_path ------------------------------------------------------------------------------------------------------


def test_class_path_may_be_a_detection_set(model, detector, workplace):
    names = {3: "方", 7: "圆 形"}
    root = edited(detector, lambda d: d.update(categories=[{"id": i, "name": names[i]} for i in (7, 3)]))
    found = model.inference(
        image=detector.picture, checkpoint=detector.checkpoint, thr=0.0, show=False, class_path=root
    )
    assert {one["类别标签"]: one["预测结果"] for one in found} == {0: "方", 1: "圆 形"}


def test_class_path_of_a_detection_set_with_other_classes_is_refused(model, detector, workplace):
    root = edited(detector, lambda d: d["categories"].append({"id": 9, "name": "三角"}))
    with pytest.raises(ClassCountMismatch, match="names 3 classes"):
        model.inference(image=detector.picture, checkpoint=detector.checkpoint, class_path=root)


def test_class_path_of_a_detection_set_without_its_training_file_is_named(model, detector, workplace):
    root = edited(detector, lambda d: None)
    (root / "annotations" / "train.json").unlink()
    with pytest.raises(AnnotationMissing, match=r"no annotations/train\.json") as caught:
        model.inference(image=detector.picture, checkpoint=detector.checkpoint, class_path=root)
    assert caught.value.hint


# --- what is said when a set is loaded -------------------------------------------------------------------------------


def test_validation_without_any_box_is_said_when_loading(model, detector, workplace, capsys):
    model.load_dataset(edited(detector, lambda d: d["annotations"].clear(), "valid"))
    assert capsys.readouterr().out.count("The 4 validation pictures have no box") == 1


# --- masks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", ["train", "valid"])
def test_a_broken_mask_is_named_when_the_model_needs_it_and_else_ignored(model, detector, workplace, split):
    code = {"size": None, "counts": [90 * 120]}
    root = edited(detector, lambda d: d["annotations"][1].update(segmentation=code), split)
    with pytest.raises(DatasetInvalid, match=rf"annotations/{split}\.json: annotations\[1\] \(id 1\): a segmentation"):
        MMDetection("Mask_RCNN").load_dataset(root)
    model.load_dataset(root)


def test_objects_without_a_mask_are_counted_once(model, detector, workplace, capsys):
    root = edited(detector, lambda d: [d["annotations"][i].update(segmentation=s) for i, s in ((0, []), (3, None))])
    edited(detector, lambda d: d["annotations"][0].update(segmentation=[], iscrowd=1), "valid")
    model.load_dataset(root)
    assert "segmentation" not in capsys.readouterr().out
    MMDetection("Mask_RCNN").load_dataset(root)
    told = "2 of 9 objects have no segmentation: their whole boxes are taken for their masks."
    assert capsys.readouterr().out.count(told) == 1


def test_a_set_without_any_mask_is_still_refused(detector, workplace):
    root = edited(detector, lambda d: [one.pop("segmentation") for one in d["annotations"]])
    with pytest.raises(AnnotationMissing, match="none of the 7 boxes has a segmentation"):
        MMDetection("Mask_RCNN").load_dataset(root)


def test_changed_masks_are_other_data_where_masks_are_learned(model, detector, workplace):
    def fingerprint(model):
        model.load_dataset("数据 集", check=False)
        return model._session.dataset.data.fingerprint

    edited(detector, lambda d: None)
    models = (model, MMDetection("Mask_RCNN"))
    before = [fingerprint(one) for one in models]
    assert [fingerprint(one) for one in models] == before
    for split in ("train", "valid"):
        edited(detector, lambda d: d["annotations"][0]["segmentation"][0].__setitem__(0, 7.5), split)
        boxes, masks = (fingerprint(one) for one in models)
        assert boxes == before[0]
        assert masks != before[1]
        before[1] = masks
