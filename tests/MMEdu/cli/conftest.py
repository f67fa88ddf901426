"""What the commands' tests share: a runner, and a small classifier that was trained by the command itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest
from typer.testing import CliRunner

from MMEdu.cli import app


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Command: TypeAlias = Callable[..., Ended]


def _run(*arguments: str | Path) -> Ended:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return Ended(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def mmedu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in an empty working directory."""
    here = tmp_path / "我的 作业"
    here.mkdir()
    monkeypatch.chdir(here)
    return _run


@dataclass(frozen=True)
class Trained:
    """A training by the command."""

    data: Path
    folder: Path
    ended: Ended


@pytest.fixture(scope="session")
def trained(make_imagenet: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """LeNet on two classes, by ``mmedu train --json``."""
    root = tmp_path_factory.mktemp("训练 [1]")
    data = make_imagenet(root / "数据 集", train=16, val=8, test=2)
    arguments: Sequence[str | Path] = ("--epochs", "4", "--lr", "0.05", "--random-seed", "3", "--json")
    return Trained(data, root / "模 型", _run("train", data, "--save-fold", root / "模 型", *arguments))
