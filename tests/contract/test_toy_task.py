"""The proof of the house: a task from a package of somebody else's goes the whole way, and nothing else is edited.

Train, resume, predict, convert, ``Workflow``, the command line. It has no classes, two files a sample, its own step,
two optimisers, an average of weights, an argument and a kind of output of its own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

PACKAGES = Path(__file__).parent / "toy_task"


@pytest.fixture
def tone(monkeypatch):
    """The task, registered for one test, which does not wait for the disk."""
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.syspath_prepend(PACKAGES)
    import tone_task

    tone_task.register()
    yield tone_task
    tone_task.unregister()
    for name in [name for name in sys.modules if name.startswith("tone_task")]:
        del sys.modules[name]


@pytest.fixture
def pictures(tmp_path) -> Path:
    """Twelve gray pictures from dark to light, and a text with the tone of each."""
    root = tmp_path / "明 暗"
    for folder in ("pictures", "tones"):
        (root / folder).mkdir(parents=True)
    for index, tone in enumerate(np.linspace(0.1, 0.9, 12)):
        Image.new("RGB", (20, 16), (round(255 * tone),) * 3).save(root / "pictures" / f"图 {index:02}.png")
        (root / "tones" / f"图 {index:02}.txt").write_text(str(round(float(tone), 3)), encoding="utf-8")
    return root


def trained(folder: Path, pictures: Path, **arguments):
    from tone_task.documented import MMTone

    model = MMTone()
    model.load_dataset(pictures)
    log = model.train(save_fold=folder, random_seed=3, lr=0.1, **{"epochs": 40, "sharpness": 2.0, **arguments})
    return model, log


def test_a_task_from_elsewhere_is_trained_predicts_and_leaves_the_machine(tone, pictures, tmp_path, monkeypatch):
    from XEdu.hub import Workflow

    monkeypatch.chdir(tmp_path)
    model, log = trained(tmp_path / "模 型", pictures)
    assert (log[0]["task"], log[0]["sharpness"]) == ("tone", 2.0)
    assert "classes" not in log[0]
    assert log[-1]["mae"] < 0.1
    assert [path.name for path in model.trained.report] == ["tones.csv"]
    assert model.trained.best_file.name.startswith("best_mae_epoch_")
    dark, light = (pictures / "pictures" / f"图 {index:02}.png" for index in (0, 11))
    results = model.inference(image=[dark, light], show=False)
    assert results[0]["tone"] < 0.3 < 0.7 < results[1]["tone"]
    file = model.convert(out_file=tmp_path / "出 口" / "tone.onnx")
    workflow = Workflow(task="mmedu", checkpoint=file)
    exported = workflow.inference(data=str(light))
    assert exported["明暗"] == pytest.approx(results[1]["tone"], abs=2e-3)
    assert workflow.format_output(lang="en", isprint=False) == {"tone": exported["明暗"]}


def test_interrupted_and_resumed_it_ends_bit_for_bit_where_an_uninterrupted_run_does(tone, pictures, tmp_path):
    from BaseDT.errors import TrainingInterrupted
    from MMEdu.engine import checkpoint
    from MMEdu.engine.events import EpochFinished

    class Stop:
        now = False

        def is_set(self):
            return self.now

    stop = Stop()

    def listen(event):
        stop.now = stop.now or (isinstance(event, EpochFinished) and event.epoch == 2)

    with pytest.raises(TrainingInterrupted):
        trained(tmp_path / "a", pictures, epochs=4, listener=listen, stop=stop)
    trained(tmp_path / "a", pictures, epochs=4, resume=True)
    trained(tmp_path / "b", pictures, epochs=4)
    one, other = (checkpoint.read(tmp_path / name / "latest.pth") for name in "ab")
    assert set(one["optimizer"]["optimizers"]) == {"weight", "bias"}
    assert one["meta"]["epoch"] == 4
    for part in (lambda content: content["state_dict"], lambda content: content["optimizer"]["trained"]):
        assert all(torch.equal(part(one)[name], part(other)[name]) for name in part(one))
    # The average is what predicts, and it is another network than the one that was trained.
    assert not torch.equal(one["state_dict"]["layer.weight"], one["optimizer"]["trained"]["layer.weight"])


def test_the_command_line_knows_it(tone, pictures, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from MMEdu import cli

    monkeypatch.chdir(tmp_path)

    def mmedu(*arguments: object) -> str:
        done = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "--sharpness" in mmedu("train", "--help")
    content = json.loads(
        mmedu("train", pictures, "--backbone", "tonenet", "--epochs", 2, "--sharpness", 3, "--random-seed", 1, "--json")
    )
    assert Path(content["save_fold"]) == Path("checkpoints/tone_model")
    best = content["best_checkpoint"]
    assert "tone" in mmedu("infer", best, pictures / "pictures", "--no-show")
    mmedu("convert", best, "tone.onnx")
    assert "tone" in mmedu("infer", "tone.onnx", pictures / "pictures", "--no-show")
    assert '"task": "tone"' in mmedu("info", best, "--json") or "tone" in mmedu("info", best)
    assert "12" in mmedu("check", pictures)
    # Nothing says how right a tone is: that is told by name, for the checkpoint and for its file.
    for model in (best, "tone.onnx"):
        done = CliRunner().invoke(cli.app, ["eval", str(model), str(pictures)])
        assert (done.exit_code, "-206" in done.output) == (1, True), done.output


def test_the_studio_has_its_form_and_writes_its_program_which_trains(tone, pictures, tmp_path, monkeypatch):
    pytest.importorskip("starlette")
    import runpy

    from MMEdu.actions import forms
    from MMEdu.studio.programs import train
    from MMEdu.studio.programs.kind import Place

    assert "tone" in [one["task"] for one in forms.tasks()]
    form = forms.form("tone")
    assert (form["class"], [model["name"] for model in form["models"]]) == ("MMTone", ["ToneNet"])
    assert {"epochs", "sharpness"} <= set(form["arguments"]["properties"])

    place = Place(tmp_path.resolve(), False, lambda _: tmp_path)
    asked = {"dataset": pictures.name, "epochs": 2, "sharpness": 2.0, "random_seed": 3}
    settings = train.checked(asked, place)
    assert (settings["task"], settings["model"]) == ("tone", "ToneNet")
    program = tmp_path / "program.py"
    program.write_text(train.write(settings, "runs/一", False), encoding="utf-8")
    assert "from tone_task.documented import MMTone as tone" in program.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(program), run_name="__main__")
    assert train.can_go_on(tmp_path / "runs" / "一")
    assert {"latest", "log"} <= {result.kind for result in train.results(tmp_path / "runs" / "一", settings)}
