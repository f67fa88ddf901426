"""The demo of keypoints: its figures are what they say, and every step runs and leaves what it names."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from BaseDT import image
from BaseDT.dataset import keypoints
from BaseDT.metrics.keypoints import PointMetrics
from MMEdu.cli import app
from MMEdu.demo import figures, pose

FEW = {"train": 12, "valid": 3, "test": 4}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return figures.write(tmp_path_factory.mktemp("数据 集") / "火柴人", FEW)


def test_the_figures_are_the_same_bytes_each_time_and_spare_the_files_of_others(written: Path, tmp_path: Path):
    foreign = tmp_path / "images" / "train" / "我的.txt"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("mine", encoding="utf-8")
    figures.write(tmp_path, {"train": 3, "valid": 3, "test": 4})
    images = sorted(tmp_path.rglob("*.png"))
    assert len(images) == 10
    for path in (*images, tmp_path / "annotations" / "test.json"):
        assert path.read_bytes() == (written / path.relative_to(tmp_path)).read_bytes()
    assert foreign.read_text(encoding="utf-8") == "mine"


def test_they_load_as_a_set_of_eight_points_with_nothing_to_repair(written: Path):
    data = keypoints.load(written)
    assert (data.names, data.skeleton) == (figures.NAMES, figures.SKELETON)
    assert (data.flip_pairs, data.mirrors) == (((2, 3), (4, 5), (6, 7)), True)
    assert (len(data.train), len(data.val), len(data.test)) == tuple(FEW.values())
    assert data.notes == ()
    assert all(image.read(person.path).shape == (240, 240, 3) for person in data.val)


def test_joints_lie_where_they_are_drawn_and_within_their_box():
    for number in range(40):
        figure = figures.compose(np.random.default_rng(number))
        x1, y1, x2, y2 = figure.box
        assert (figure.points >= (x1 - 1e-6, y1 - 1e-6)).all()
        assert (figure.points <= (x2 + 1e-6, y2 + 1e-6)).all()
        assert 0 <= x1 < x2 <= figures.SIDE
        assert 0 <= y1 < y2 <= figures.SIDE
        # A disc of skin lies around the ends of the limbs: its middle and a pixel beside it have about one colour.
        x, y = figure.points[7].astype(int)
        around = figure.pixels[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].reshape(-1, 3).astype(int)
        assert np.ptp(np.median(around, axis=0) - figure.pixels[min(y, 239), min(x, 239)]) < 90


def test_every_step_runs_and_leaves_what_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(pose, "IMAGE_SIZE", 32)
    told: list[str] = []
    outcome = pose.run(tmp_path / "演 示", told.append, 1, {"train": 8, "valid": 2, "test": 3})
    assert [line[:5] for line in told if line.startswith("[")] == ["[1/5]", "[2/5]", "[3/5]", "[4/5]", "[5/5]"]
    assert outcome.training.best_file is not None
    for path in (outcome.dataset, outcome.pictures, outcome.converted, outcome.training.best_file):
        assert path.exists()
    assert len(list(outcome.pictures.iterdir())) == 3
    assert (outcome.tested, outcome.compared, outcome.same) == (3, 3, 3)
    assert 0 <= outcome.pck <= 100


def test_without_weights_it_trains_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path))
    assert pose.usual_epochs() == pose.EPOCHS


@pytest.mark.parametrize(("right", "code"), [(100, 0), (50, 1)])
def test_the_command_says_how_good_it_is_and_fails_below_the_goal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, right: int, code: int
):
    hits = np.full(8, right)
    training = SimpleNamespace(best_file=tmp_path / "best.pth", report=(), log_file=None)
    outcome = pose.Outcome(
        tmp_path, training, tmp_path, tmp_path / "m.onnx", 100, PointMetrics(0.2, hits, np.full(8, 100)), 12, 12
    )
    monkeypatch.setattr(pose, "run", lambda *_: outcome)
    ended = CliRunner().invoke(app, ["demo", "pose", "--out", str(tmp_path)])
    assert ended.exit_code == code
    assert f"{right}.0" in ended.stdout
    assert "left_hand" in ended.stdout


def test_answers_agree_only_where_all_points_do():
    one = [{"关键点坐标": [[1.0, 2.0], [3.0, 4.0]]}]
    assert pose.agree(one, [{"关键点坐标": [[1.1, 2.0], [3.0, 4.0]]}])
    assert not pose.agree(one, [{"关键点坐标": [[1.0, 2.0], [3.0, 5.0]]}])
    assert not pose.agree(one, [])
