"""Tasks that need no training: ``Workflow(task="det_hand")``, with made-up networks in place of the published ones."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from BaseDT import image
from BaseDT.errors import (
    ImageNotFound,
    ModelUnsupported,
    ParameterInvalid,
    TaskMismatch,
    TaskUnknown,
    WeightsUnavailable,
)
from presets_on_disk import spots
from XEdu.hub import Workflow
from XEdu.presets.names import ABSENT, ALIASES, PRESETS

PICTURE = spots((150, 200), (450, 250), red=(1,))
DOCUMENTED = (
    *("pose_body17", "pose_body17_l", "pose_body26", "pose_wholebody133", "pose_face106", "pose_hand21", "det_body"),
    *("det_body_l", "det_coco", "det_coco_l", "det_hand", "cls_imagenet", "gen_style", "nlp_qa", "drive_perception"),
    *("embedding_image", "embedding_text", "gen_color", "det_face", "ocr", "seg_sam", "segment_anything"),
    *("depth_anything", "embedding_audio", "pose_body", "pose_face", "pose_hand", "pose_wholebody"),
)
"""Task names of the original's documents, beside those that run a model of one's own."""

pytestmark = pytest.mark.usefixtures("without_download")


@pytest.fixture
def hands() -> Workflow:
    return Workflow(task="det_hand")


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_documented_name_is_there_or_says_what_is_nearest(name: str) -> None:
    assert (name in PRESETS) or (name in ALIASES) or (name in ABSENT)


@pytest.mark.parametrize("name", sorted(ABSENT))
def test_a_task_that_cannot_be_had_says_so(name: str, refused) -> None:  # type: ignore[no-untyped-def]
    nearest = (f"Nearest: '{ABSENT[name][0]}'",) if ABSENT[name] else ()
    with refused(TaskUnknown, "cannot be had here", "may be passed on freely", *nearest):
        Workflow(task=name.upper())


def test_names_do_not_contradict_each_other() -> None:
    assert not set(PRESETS) & set(ABSENT)
    assert not set(ALIASES) & (set(PRESETS) | set(ABSENT))
    assert {*ALIASES.values(), *(near for nearest in ABSENT.values() for near in nearest)} <= set(PRESETS)


def test_a_name_may_be_written_otherwise() -> None:
    assert len(Workflow("HandDetect").inference(PICTURE)) == 2


def test_a_download_path_is_answered_with_where_weights_lie(capsys: pytest.CaptureFixture[str]) -> None:
    Workflow("det_hand", download_path="somewhere")
    assert "MMEDU_HOME" in capsys.readouterr().err


def test_a_file_of_ones_own_is_refused(refused) -> None:  # type: ignore[no-untyped-def]
    with refused(TaskMismatch, "'det_hand'", "task='mmedu'"):
        Workflow("det_hand", checkpoint="det_hand.onnx")


def test_weights_that_cannot_be_had_say_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch, refused) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.undo()
    for name, value in {"MMEDU_HOME": str(folder), "PIP_NO_INDEX": "1", "MMEDU_LANG": "en"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with refused(WeightsUnavailable, "mediapipe", "pip download"):
        Workflow("seg_person")


# --- results ----------------------------------------------------------------------------------------------------------


def test_hands_are_found_with_their_sides(hands: Workflow) -> None:
    result = hands.inference(PICTURE)
    assert {box["预测结果"]: box["标签"] for box in result} == {"left hand": 0, "right hand": 1}
    assert all(box["置信度"] > 0.5 for box in result)
    json.dumps(result)


@pytest.mark.parametrize("lang", ["zh", "en", "ru", "de", "fr"])
def test_results_are_told_in_every_language(hands: Workflow, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    hands.inference(PICTURE)
    told = hands.format_output(lang=lang)
    assert len(told) == 2
    assert str(told[0][next(iter(told[0]))]) in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["cv2", "pil"])
def test_the_drawn_picture_has_its_own_size(hands: Workflow, kind: str) -> None:
    result, drawn = hands.inference(PICTURE, img_type=kind)
    assert len(result) == 2
    size = drawn.shape[1::-1] if kind == "cv2" else drawn.size
    assert size == (640, 480)
    assert not np.array_equal(np.asarray(drawn), PICTURE)


def test_pictures_of_every_form_say_the_same(hands: Workflow, folder: Path) -> None:
    path = image.write(folder / "数据 集" / "图 片.png", PICTURE)
    deep = PICTURE.astype(np.uint16) * 257
    forms = [path, str(path), Image.fromarray(PICTURE[..., ::-1]), deep, cv2.cvtColor(PICTURE, cv2.COLOR_BGR2BGRA)]
    expected = hands.inference(PICTURE)
    for form in forms:
        assert hands.inference(form) == expected
    assert len(hands.inference(cv2.cvtColor(PICTURE, cv2.COLOR_BGR2GRAY))) == 2


def test_a_folder_gives_a_list_for_each_picture(hands: Workflow, folder: Path) -> None:
    for number, picture in enumerate((PICTURE, spots((320, 240)), spots())):
        image.write(folder / "照 片" / f"{number}.png", picture)
    assert [len(boxes) for boxes in hands.inference(folder / "照 片")] == [2, 1, 0]
    assert hands.files == ["0.png", "1.png", "2.png"]
    assert [len(boxes) for boxes in hands.inference([PICTURE, spots()])] == [2, 0]
    assert len(hands.save(path=folder / "out.jpg")) == 2  # type: ignore[arg-type]


def test_several_threads_get_their_own_results(hands: Workflow) -> None:
    pictures = [spots(*[(100 + 200 * number, 240) for number in range(count)]) for count in (0, 1, 2, 3)] * 6
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda picture: len(hands.inference(picture)), pictures))
    assert counts == [0, 1, 2, 3] * 6


def test_only_the_wanted_side(hands: Workflow) -> None:
    assert [box["标签"] for box in hands.inference(PICTURE, target_class="right hand")] == [1]
    with pytest.raises(ParameterInvalid, match="target_class"):
        hands.inference(PICTURE, target_class="hand")


def test_nothing_found_is_an_empty_list_and_said_once(hands: Workflow, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        assert hands.inference(spots()) == []
    assert capsys.readouterr().err.count("No hand was found.") == 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (2000, 7)])
def test_odd_pictures_hold_nothing(hands: Workflow, shape: tuple[int, int]) -> None:
    assert hands.inference(np.zeros((*shape, 3), np.uint8)) == []


def test_a_higher_threshold_finds_less(hands: Workflow) -> None:
    dim = (PICTURE * 0.65).astype(np.uint8)
    assert len(hands.inference(dim, thr=0.1)) == 2
    assert hands.inference(dim, thr=0.9999999) == []


# --- what does not fit ------------------------------------------------------------------------------------------------


def test_what_such_a_task_does_not_take_is_named(hands: Workflow, folder: Path) -> None:
    with pytest.raises(TaskMismatch, match="bbox"):
        hands.inference(PICTURE, bbox=[0, 0, 10, 10])
    with pytest.raises(ParameterInvalid, match="preprocess"):
        hands.inference(PICTURE, preprocess=len)
    with pytest.raises(ParameterInvalid, match="thr"):
        hands.inference(PICTURE, thr=3)
    with pytest.raises(ModelUnsupported, match="det_hand"):
        hands.evaluate(folder)
    with pytest.raises(ImageNotFound):
        hands.inference(folder / "no.jpg")


def test_points_are_reached_as_arrays(folder: Path) -> None:
    hand = Workflow("pose_hand")
    result, drawn = hand.inference(PICTURE, img_type="cv2")
    assert drawn.shape == PICTURE.shape
    assert hand.keypoints.shape == (2, 21, 2)
    assert np.allclose(hand.keypoints[0], result[0]["关键点坐标"], atol=0.01)
    many = hand.inference([PICTURE, spots()])
    assert [points.shape for points in hand.keypoints] == [(2, 21, 2), (0, 0, 2)]
    assert [len(each) for each in many] == [2, 0]
    json.dumps(result)


def test_a_task_without_points_has_none(hands: Workflow) -> None:
    hands.inference(PICTURE)
    with pytest.raises(TaskMismatch, match="no points"):
        _ = hands.keypoints


def test_boxes_of_one_task_are_looked_into_by_another(hands: Workflow) -> None:
    hand, boxes = Workflow("pose_hand21"), hands.inference(PICTURE)
    assert len(hand.inference(PICTURE, bbox=boxes)) == 2
    for box in boxes:
        (one,) = hand.inference(PICTURE, bbox=box)
        assert one["预测结果"] == box["预测结果"]
    assert hand.inference(PICTURE, bbox=[]) == []
    with pytest.raises(ParameterInvalid, match="bbox"):
        hand.inference([PICTURE, PICTURE], bbox=boxes[0])


def test_a_person_is_a_mask(capsys: pytest.CaptureFixture[str]) -> None:
    person = Workflow("seg_person")
    result = person.inference(PICTURE)
    assert [part["预测结果"] for part in result] == ["person"]
    assert person.inference(spots()) == []
    assert "No person was found." in capsys.readouterr().err
