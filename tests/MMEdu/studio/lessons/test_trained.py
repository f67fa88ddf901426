"""A network that was trained as a whole, beside what was learnt at once: both numbers, and which one is taken."""

from __future__ import annotations

import json

import pytest

from BaseDT.language import use_language
from MMEdu.studio.jobs.job import Job
from MMEdu.studio.lessons.trained import Trained, compared


def leave_run(taught, values: list[float], *, state: str = "done", support: str = "9\nb,1,1,1,9") -> None:
    """Leave the folder of a training as one leaves it: its best epoch is the last but one."""
    folder = taught.project.folder / "runs" / "train_LeNet_1"
    (folder / "model").mkdir(parents=True)
    settings = {"task": "classification", "model": "LeNet", "project": taught.project.id}
    Job(folder, "whole1", "train", "LeNet", settings, state=state).save()
    lines = [
        {"event": "validated", "epoch": epoch, "iteration": 1, "lr": 0.1, "metrics": {"accuracy_top-1": value}}
        for epoch, value in enumerate(values, 1)
    ]
    (folder / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + "half", "utf-8")
    (folder / "model" / f"best_accuracy_top-1_epoch_{len(values) - 1}.pth").write_bytes(b"weights")
    (folder / "model" / "per_class.csv").write_text(f"class,precision,recall,f1,support\na,1,1,1,{support}\n", "utf-8")


def trained(taught):
    return taught.client.get(f"{taught.url}/trained").json()["trained"]


def test_both_numbers_are_told_with_what_they_were_judged_on(taught):
    taught.add("red", 10)
    taught.add("green", 10)
    taught.teaching()
    assert trained(taught) is None
    leave_run(taught, [50.0, 77.7778, 61.1111])
    found = trained(taught)
    assert (found["job"], found["percent"], found["judged"]) == ("whole1", 78, 18)
    assert found["name"] == "best_accuracy_top-1_epoch_2.pth"
    assert found["sentence"] == (
        "Learnt at once: 100 % of 20 pictures, each left out once; the whole network 78 %, on 18 pictures that it was "
        "not trained with. Keep using what was learnt at once. What you take away here is what was learnt at once."
    )
    assert taught.client.get(f"/api/files/{found['file']}").content == b"weights"


@pytest.mark.parametrize("support", ["x", "9\nb,1", ""])
def test_what_cannot_be_read_of_a_run_is_not_told(taught, support):
    taught.add("red", 2)
    taught.add("green", 2)
    leave_run(taught, [70.0, 80.0], state="stopped", support=support)
    found = trained(taught)
    assert (found["percent"], found["judged"]) == (70, None)
    assert found["sentence"].startswith("The whole network 70 %, on the pictures that it was not trained with.")


def test_a_training_that_runs_or_failed_is_none(taught):
    leave_run(taught, [70.0, 80.0], state="failed")
    assert trained(taught) is None


@pytest.mark.parametrize(
    ("right", "judged", "advice"),
    [(14, 18, "Keep using"), (17, 18, "may be chance"), (99, 100, "network is better"), (None, None, "may be chance")],
)
def test_what_is_better_is_said_only_where_it_is(tmp_path, right, judged, advice):
    share = 95 if right is None else round(100 * right / judged)
    found = Trained(Job(tmp_path, "a", "train", "x"), tmp_path / "best.pth", right, judged, share)
    assert advice in compared(found, 90, 60)
    with use_language("zh"):
        assert compared(found, 90, 60).endswith("这里带走的是边教边学的模型。")
