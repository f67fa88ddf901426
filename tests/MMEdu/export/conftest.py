"""Fixtures of the exports: one converted LeNet for all tests that only read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Converted:
    """What one conversion left. Shared: not to be written to.

    Attributes:
        file: The ONNX file.
        said: What was told while converting.
    """

    file: Path
    said: str


@pytest.fixture(scope="session")
def converted(trained, tmp_path_factory) -> Converted:
    from MMEdu import MMClassification

    said: list[str] = []
    model = MMClassification("LeNet")
    model.listener = lambda event: said.append(str(getattr(event, "text", event)))
    place = tmp_path_factory.mktemp("转换 好的") / "out_file" / "猫 狗"
    file = model.convert(trained.checkpoint, out_file=place, standalone=True)
    return Converted(file, "\n".join(said))
