"""A kind of output that XEdu has never heard of, from a package of somebody else's, goes all the way by itself.

It has no classes, a task with a made-up name, words and a drawing of its own, and a score on folders of its own.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import BaseDeploy
import models_on_disk as models
from BaseDT import image
from BaseDT.errors import CheckpointInvalid, ModelUnsupported
from BaseDT.model_info import ModelInfo
from XEdu import benchmark, live
from XEdu.hub import Workflow
from XEdu.outputs import kind as kinds
from XEdu.runtime.model import Model

PACKAGE = '''
"""The shares of the colours of a picture."""

import json
from dataclasses import dataclass, replace

from BaseDT import image
from XEdu.outputs.kind import LabelledFolder, OutputKind, Score


@dataclass(frozen=True)
class Shares:
    red: float
    file: str = ""


def decode(batch, info, threshold):
    return [Shares(round(info.options["gain"] * float(row[0]), 3)) for row in batch.arrays[0]]


def in_words(result, lang):
    values = {"红": result.red} if lang == "zh" else {"red": result.red}
    return {**values, "file": result.file} if result.file else values


def draw(picture, result, *, enlarge=True):
    canvas = picture.copy()
    canvas[:4] = 7
    return canvas


def labelled(folder):
    truth = folder / "shares.json"
    if not truth.is_file():
        return None
    shares = json.loads(truth.read_text("utf-8"))
    files = tuple(folder / name for name in shares)
    form = content = ("shares", "比例")
    return LabelledFolder(files, f"{folder} (shares)", form, content, tuple(shares.values()))


def score(model, folder):
    results = [model.predict([image.read(file)])[0] for file in folder.files]
    errors = [abs(result.red - share) for result, share in zip(results, folder.labels)]
    return Score({"mae": sum(errors) / len(errors)}, len(errors), {"odd": 1})


KIND = OutputKind(
    name="shares",
    decode=decode,
    holds=lambda result: isinstance(result, Shares),
    in_words=in_words,
    batched=True,
    check_options=lambda options: None,
    with_file=lambda result, file: replace(result, file=file),
    draw=draw,
    line=lambda result: f"red {result.red:.1f}",
    metrics={"mae": "MAE"},
    labelled=labelled,
    score=score,
    notes=lambda name, counts: [f"{name}: odd"] if counts.get("odd") else [],
    other_labels=lambda name, folder: f"{name} measures shares, and {folder.form[0]} tell of none.",
)
'''
RED, BLUE = models.picture("red"), models.picture("blue")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package on the path and its kind in the registry."""
    package = tmp_path / "别 人" / "toy_outputs"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(PACKAGE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setattr(kinds, "_registered", {})
    kinds.register("shares", "toy_outputs:KIND")


@pytest.fixture
def model(folder: Path) -> Path:
    info = ModelInfo("measuring shares", "ToyNet", (), models.preprocess(), "shares", {"gain": 2.0})
    return models.classifier(folder / "比 例.onnx", known=info)


def red_of(picture: np.ndarray, model: Path) -> float:
    """What the network says, by its raw output."""
    opened = Model.load(model)
    return round(2 * float(opened.run(opened.tensor(picture))[0][0, 0]), 3)


def test_a_workflow_says_draws_and_saves_it(toy: None, model: Path, folder: Path) -> None:
    workflow = Workflow("mmedu", model)
    result, drawn = workflow.inference(RED, img_type="cv2")
    assert result == {"红": red_of(RED, model)}
    assert (drawn[:4] == 7).all()
    assert workflow.format_output("de", isprint=False) == {"red": red_of(RED, model)}
    assert (image.read(workflow.save(path=folder / "图 片.png"))[:4] == 7).all()
    for name, picture in (("b.png", BLUE), ("r.png", RED)):
        image.write(folder / "图" / name, picture)
    many = workflow.inference(folder / "图")
    assert many == [{"红": red_of(BLUE, model), "file": "b.png"}, {"红": red_of(RED, model), "file": "r.png"}]


def test_base_deploy_prints_it(toy: None, model: Path) -> None:
    deployed = BaseDeploy.load(model)
    assert deployed.print_result(deployed.inference(RED)) == {"红": red_of(RED, model)}
    _, drawn = deployed.inference(RED, get_img="cv2")
    assert (drawn[:4] == 7).all()


def test_a_function_of_the_users_may_return_it(toy: None, folder: Path) -> None:
    custom = Workflow("custom", models.classifier(folder / "x.onnx", known={}))

    def postprocess(outputs: object, preprocessed: object) -> object:
        from toy_outputs import Shares  # type: ignore[import-not-found]

        return Shares(0.5)

    assert custom.inference(RED, postprocess=postprocess) == {"红": 0.5}


def test_it_runs_live(toy: None, model: Path, folder: Path) -> None:
    image.write(folder / "图" / "r.png", RED)
    lines: list[str] = []
    summary = live.run(Model.load(model), folder / "图", out=folder / "出", tell=lines.append)
    assert summary.frames == 1
    assert lines == [f"r.png: red {red_of(RED, model):.1f}"]
    assert (image.read(folder / "出" / "r.png")[:4] == 7).all()


def test_a_benchmark_scores_it_in_columns_of_its_own(toy: None, model: Path, folder: Path) -> None:
    image.write(folder / "图" / "r.png", RED)
    share = red_of(RED, model) - 0.25
    (folder / "图" / "shares.json").write_text(json.dumps({"r.png": share}), encoding="utf-8")
    report = benchmark.run(model, images=folder / "图", threads=[1], seconds=0.05)
    (row,) = report.rows
    assert row.error == ""
    assert (row.judged, row.metrics) == (1, pytest.approx({"mae": 0.25}))
    assert report.notes == ("比 例.onnx: odd",)
    assert "| MAE |" in benchmark.as_markdown(report)
    assert json.loads(benchmark.as_json(report))["rows"][0]["mae"] == pytest.approx(0.25)


def test_labels_of_another_kind_give_it_no_score_and_it_is_said(toy: None, model: Path, folder: Path) -> None:
    image.write(folder / "图" / "红" / "r.png", RED)
    report = benchmark.run(model, images=folder / "图", threads=[1], seconds=0.05)
    assert (report.rows[0].judged, report.rows[0].metrics) == (0, {})
    assert report.notes == ("比 例.onnx measures shares, and class folders tell of none.",)


def test_where_nobody_registered_it_an_update_is_needed(model: Path, refused) -> None:
    for run in (lambda: Workflow("mmedu", model), lambda: BaseDeploy.load(model)):
        with refused(ModelUnsupported, "比 例.onnx", "'shares'", "pip install -U mmedu"):
            run()
    row = benchmark.run(model, threads=[1], seconds=0.05).rows[0]
    assert "-206" in row.error


@pytest.mark.parametrize("kind", ["classification", "detection"])
def test_the_kinds_of_ours_need_classes(folder: Path, kind: str, refused) -> None:
    known = ModelInfo(kind, "", (), models.preprocess(), kind)
    with refused(CheckpointInvalid, "x.onnx"):
        Model.load(models.classifier(folder / "x.onnx", known=known))
