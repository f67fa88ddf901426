"""A service in this process for single requests, and one on a port of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette")

from starlette.testclient import TestClient

import models_on_disk
from BaseDT.image import writing
from XEdu.serve import answering, running
from XEdu.serve.service import Service

Client = Callable[..., TestClient]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a classifier, a detector and others."""
    folder = tmp_path_factory.mktemp("模 型")
    models_on_disk.classifier(folder / "颜色.onnx")
    models_on_disk.detector(folder / "框.onnx")
    models_on_disk.segmenter(folder / "区域.onnx")
    models_on_disk.several_labels(folder / "多标签.onnx")
    models_on_disk.classifier(folder / "无名.onnx", known={})
    return folder


@pytest.fixture
def client(models: Path) -> Iterator[Client]:
    """Make one who asks a model: ``client("颜色.onnx")``; what a service takes may be given."""
    opened: list[TestClient] = []

    def make(name: str | answering.Answering, **options: object) -> TestClient:
        one = answering.open_model(models / name, threads=1) if isinstance(name, str) else name
        threshold = one.checked_threshold("score", options.pop("score", None))
        application = Service(one, threshold=threshold, **options).application()  # type: ignore[arg-type]
        opened.append(TestClient(application, base_url="http://127.0.0.1").__enter__())
        return opened[-1]

    yield make
    for one in opened:
        one.__exit__(None, None, None)


def jpeg(colour: str = "red", size: tuple[int, int] = (24, 36)) -> bytes:
    """The bytes of a picture of one colour."""
    return writing.jpeg(models_on_disk.picture(colour, size))


@pytest.fixture
def served(models: Path) -> Iterator[Callable[..., running.Running]]:
    """Start a service on a port that is free."""
    all_running: list[running.Running] = []

    def start(name: str = "颜色.onnx", **options: object) -> running.Running:
        one = answering.open_model(models / name, threads=1)
        options = {"port": 0, "tell": lambda _: None} | options
        all_running.append(running.start(one, **options))  # type: ignore[arg-type]
        return all_running[-1]

    yield start
    for one in all_running:
        one.stop()
