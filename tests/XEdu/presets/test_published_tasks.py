"""The tasks that need no training with the published networks, on a photograph that matplotlib carries."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from XEdu.hub import Workflow
from XEdu.presets.live import open_live

pytestmark = [pytest.mark.weights, pytest.mark.slow]

NOSE = (264, 250)


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMEDU_HOME", str(tmp_path_factory.mktemp("我的 家")))
        yield


@pytest.fixture(scope="module")
def portrait() -> Path:
    """A woman in uniform from the chest up, 512×600: her nose is at ``NOSE``."""
    spec = importlib.util.find_spec("matplotlib")
    path = Path(str(spec.origin if spec else "")).parent / "mpl-data" / "sample_data" / "grace_hopper.jpg"
    if not path.exists():
        pytest.skip("matplotlib has no picture of a person")
    return path


def test_her_face_is_found(portrait: Path) -> None:
    (face,) = Workflow("det_face").inference(portrait)
    assert face["预测结果"] == "face"
    assert list(face["坐标"].values()) == pytest.approx([168, 140, 364, 336], abs=12)


@pytest.mark.parametrize(
    ("task", "nose", "count"), [("pose_face", 1, 468), ("pose_body", 0, 33), ("pose_body17", 0, 17)]
)
def test_her_nose_is_where_it_is(portrait: Path, task: str, nose: int, count: int) -> None:
    person = Workflow(task)
    (found,) = person.inference(portrait)
    assert len(found["关键点坐标"]) == count
    assert person.keypoints[0, nose] == pytest.approx(NOSE, abs=12 if count == 468 else 30)  # a body is far larger
    assert found["置信度"] > 0.9


def test_turned_pictures_give_turned_points(portrait: Path) -> None:
    with Image.open(portrait) as opened:
        upright = opened.convert("RGB")
    face = Workflow("pose_face")
    face.inference(upright)
    expected = face.keypoints[0]
    face.inference(upright.rotate(30, center=(256, 300)))
    angle = np.radians(-30)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = (expected - (256, 300)) @ turn + (256, 300)
    assert np.median(np.hypot(*(face.keypoints[0] - turned).T)) < 5


def test_half_of_the_picture_is_she(portrait: Path) -> None:
    (part,) = Workflow("seg_person").inference(portrait)
    assert part["占比"] == pytest.approx(0.578, abs=0.03)


def test_there_is_no_hand(portrait: Path) -> None:
    assert Workflow("det_hand").inference(portrait) == []


def test_what_it_shows(portrait: Path) -> None:
    assert Workflow("cls_imagenet").inference(portrait)["预测结果"] in ("academic gown", "military uniform", "suit")


def test_pictures_that_look_alike_point_the_same_way(portrait: Path) -> None:
    with Image.open(portrait) as opened:
        own = opened.convert("RGB")
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8))
    rows = Workflow("embedding_image").inference([own, own.crop((20, 20, 490, 580)), noise])
    assert rows.shape == (3, 1280)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    assert unit[0] @ unit[1] > 0.8 > unit[0] @ unit[2]


def test_she_is_followed(portrait: Path) -> None:
    with Image.open(portrait) as opened:
        frame = np.asarray(opened.convert("RGB"))[:, :, ::-1].copy()
    face = open_live("pose_face")
    for number in range(8):
        face.at(number / 30)
        (found,) = face.predict([np.roll(frame, 3 * number, axis=1)])[0]
        assert found.number == 1
        assert found.points[1] == pytest.approx((NOSE[0] + 3 * number, NOSE[1]), abs=16)
