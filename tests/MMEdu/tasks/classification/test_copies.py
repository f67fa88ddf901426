"""A picture that was copied into a second class is named once, whoever looks: loading, checking, or neither."""

from __future__ import annotations

import shutil

import pytest
from typer.testing import CliRunner

from MMEdu import MMClassification as cls
from MMEdu.cli import app
from MMEdu.engine.events import Notice

pytestmark = pytest.mark.usefixtures("workplace")


@pytest.fixture
def copied(make_imagenet, tmp_path):
    root = make_imagenet(tmp_path / "数据 集")
    picture = sorted((root / "training_set" / "猫").iterdir())[0]
    shutil.copy(picture, root / "training_set" / "狗" / picture.name)
    return root


def about_copies(lines) -> list[str]:
    return [line for line in lines if "in two classes" in line or "as copies" in line]


@pytest.mark.parametrize(
    ("check", "says"), [(True, "in two classes"), ("skip", "in two classes"), (False, "as copies")]
)
def test_loading_names_it_once(copied, check, says):
    model, notices = cls("LeNet"), []
    model.listener = lambda event: notices.append(event.text) if isinstance(event, Notice) else None
    model.load_dataset(copied, check=check)
    (line,) = about_copies(notices)
    assert says in line
    assert "labels.csv" in line


def test_a_check_names_it_once(copied):
    ended = CliRunner().invoke(app, ["check", str(copied)])
    assert len(about_copies(ended.output.splitlines())) == 1
