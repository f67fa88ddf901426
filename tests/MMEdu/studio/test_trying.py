"""Models on pictures through the API: exported ones, checkpoints in their own process, what is refused."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient
from tests import models_on_disk as disk
from tests.MMEdu.conftest import Trained
from tests.MMEdu.studio.conftest import wait_until

from BaseDT import image
from BaseDT.errors import WorkerFailed
from MMEdu.studio.checkpoints import CheckpointProcess
from MMEdu.studio.studio import Studio
from MMEdu.studio.trying import Trying


def jpeg(pixels: np.ndarray) -> bytes:
    """Return the bytes of a picture's file."""
    return bytes(cv2.imencode(".png", pixels)[1].tobytes())


RED = jpeg(disk.picture("red", (60, 80)))


def identifier(client: TestClient, name: str) -> str:
    """Return that of a listed model."""
    listed = client.get("/api/models").json()["models"]
    return str(next(model["id"] for model in listed if model["name"] == name))


def test_an_exported_classifier_tells_its_classes_in_words_and_draws(client: TestClient, studio: Studio) -> None:
    disk.classifier(studio.folder / "模型 们" / "颜色.onnx", known=disk.info(("红", "绿", "蓝")))
    model = identifier(client, "颜色.onnx")
    facts = client.post("/api/try/open", json={"model": model}).json()
    assert (facts["kind"], facts["classes"]) == ("classification", ["红", "绿", "蓝"])
    answer = client.post(f"/api/try?model={model}", content=RED).json()
    assert answer["found"][0]["name"] == answer["bars"][0]["name"]
    assert [bar["score"] for bar in answer["bars"]] == sorted((b["score"] for b in answer["bars"]), reverse=True)
    assert sum(bar["score"] for bar in answer["bars"]) == pytest.approx(1)
    assert (answer["width"], answer["height"]) == (80, 60)
    drawn = base64.b64decode(answer["drawn"].partition(",")[2])
    assert image.decode(drawn).shape[2] == 3
    assert client.post(f"/api/try?model={model}&draw=0", content=RED).json()["drawn"] is None


def test_a_detector_shows_what_reaches_the_threshold(client: TestClient, studio: Studio) -> None:
    disk.detector(studio.folder / "d.onnx", [(2, 2, 8, 8, 0.9), (4, 4, 12, 12, 0.4)], [0, 1])
    model = identifier(client, "d.onnx")
    many = client.post(f"/api/try?model={model}&thr=0.2", content=RED).json()["found"]
    few = client.post(f"/api/try?model={model}&thr=0.8", content=RED).json()["found"]
    assert (len(many), len(few)) == (2, 1)
    assert set(few[0]) == {"name", "label", "score", "box"}
    x1, y1, x2, y2 = few[0]["box"]
    assert 0 <= x1 < x2 <= 80
    assert 0 <= y1 < y2 <= 60


@pytest.mark.parametrize("kind", ["segmentation", "keypoints", "multi_label"])
def test_areas_points_and_several_labels_are_told(client: TestClient, studio: Studio, kind: str) -> None:
    file = studio.folder / "m.onnx"
    make = {"segmentation": disk.segmenter, "keypoints": disk.point_finder, "multi_label": disk.several_labels}[kind]
    make(file)
    answer = client.post(f"/api/try?model={identifier(client, 'm.onnx')}&thr=0", content=RED).json()
    wanted = {"segmentation": "share", "keypoints": "points", "multi_label": "score"}[kind]
    assert answer["found"]
    assert all(wanted in one for one in answer["found"])


def test_a_checkpoint_is_opened_in_its_own_process_and_stays(
    client: TestClient, studio: Studio, trained: Trained
) -> None:
    file = studio.folder / "训练" / "最好.pth"
    file.parent.mkdir()
    file.write_bytes(trained.checkpoint.read_bytes())
    model = identifier(client, "最好.pth")
    facts = client.post("/api/try/open", json={"model": model}).json()
    assert facts["classes"] == ["狗", "猫"]
    process = next(iter(studio.room(Trying)._processes.values()))._process
    for picture, name in ((trained.dog, "狗"), (trained.cat, "猫")):
        answer = client.post(f"/api/try?model={model}", content=picture.read_bytes()).json()
        assert answer["found"][0]["name"] == answer["bars"][0]["name"] == name
    assert process.poll() is None
    refused = client.post(f"/api/try?model={model}", content=b"no picture")
    assert refused.status_code == 400
    assert refused.json()["code"] == -203
    process.kill()  # as a computer without memory does
    process.wait()
    assert client.post(f"/api/try?model={model}&draw=0", content=trained.cat.read_bytes()).status_code == 200
    last = next(iter(studio.room(Trying)._processes.values()))._process
    studio.close()
    assert last.poll() is not None


@pytest.mark.full
def test_a_process_that_nobody_asks_ends(trained: Trained) -> None:
    process = CheckpointProcess(trained.checkpoint, idle=0.4)
    for _ in range(3):
        answer, drawing = process.answer(trained.dog.read_bytes(), None, draw=False)
        assert (answer["found"][0]["name"], drawing) == ("狗", b"")
    wait_until(lambda: not process.alive)
    with pytest.raises(WorkerFailed):
        process.answer(trained.dog.read_bytes(), None, draw=False)


def test_ready_made_tasks_say_what_must_be_fetched_first(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "leer"))
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    tasks = {task["name"]: task for task in client.get("/api/try").json()["tasks"]}
    assert {"pose_hand21", "det_face", "ocr", "seg_person"} <= set(tasks)
    assert not tasks["pose_hand21"]["here"]
    assert tasks["pose_hand21"]["group"] == "hand"
    refused = client.post("/api/try/open", json={"task": "pose_hand21"})
    assert refused.status_code == 400
    assert refused.json()["code"] == -107
    assert client.post("/api/try/open", json={"task": "no_such"}).json()["code"] == -312


@pytest.mark.parametrize("model", ["", "x", "../../etc/passwd", "Li4vLi4vZXRjL3Bhc3N3ZA", "猫"])
def test_what_is_no_model_of_the_work_folder_is_not_found(client: TestClient, model: str) -> None:
    refused = client.post("/api/try/open", json={"model": model})
    assert refused.status_code == 404
    assert refused.json()["code"] == -102


def test_a_model_outside_the_work_folder_is_not_opened(client: TestClient, studio: Studio) -> None:
    outside = studio.folder.parent / "secret.onnx"
    disk.classifier(outside)
    name = base64.urlsafe_b64encode(bytes(12) + b"../secret.onnx").decode().rstrip("=")
    assert client.post(f"/api/try?model={name}", content=RED).status_code == 404
    (studio.folder / "link.onnx").symlink_to(outside)
    assert client.get("/api/models").json()["models"] == []


@pytest.mark.parametrize(
    ("content", "query", "code"),
    [
        (b"", "", -205),
        (b"\xff\xd8\xff\xe0 half", "", -205),
        (b"RIFF....AVI LIST", "", -203),
        (RED, "&thr=high", -305),
        (RED, "&thr=7", -305),
        (RED, "&thr=nan", -305),
        (RED, "&thr=auto", -305),
    ],
)
def test_bad_pictures_and_thresholds_are_named(
    client: TestClient, studio: Studio, content: bytes, query: str, code: int
) -> None:
    disk.classifier(studio.folder / "m.onnx")
    refused = client.post(f"/api/try?model={identifier(client, 'm.onnx')}{query}", content=content)
    assert refused.status_code == 400
    assert refused.json()["code"] == code
    assert refused.json()["hint"]


def test_a_broken_model_is_named(client: TestClient, studio: Studio) -> None:
    (studio.folder / "m.onnx").write_bytes(b"no model")
    refused = client.post("/api/try/open", json={"model": identifier(client, "m.onnx")})
    assert refused.status_code == 400
    assert refused.json()["code"] == -202


def test_exported_models_are_tried_without_torch(studio: Studio) -> None:
    model = disk.detector(studio.folder / "d.onnx")
    picture = studio.folder / "p.png"
    picture.write_bytes(RED)
    program = (
        "import sys; from pathlib import Path; import MMEdu.studio.app;"
        "from MMEdu.actions.trying import ExportedModel, ready_made_tasks; ready_made_tasks();"
        "model = ExportedModel.open(Path(sys.argv[1])); model.facts.to_json();"
        "assert model.answer(Path(sys.argv[2]).read_bytes(), None, draw=True).drawing;"
        "assert not {'torch', 'matplotlib', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, str(model), str(picture)], check=True)
