"""A small network with features and their map, written without torch; pictures of colours; a project with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient
from tests.MMEdu.studio.conftest import wait_until

from BaseDT.model_info import KEY
from BaseDT.onnx_write import OnnxGraph
from MMEdu.studio.lessons.backbones import Backbones
from MMEdu.studio.lessons.lesson import Lesson
from MMEdu.studio.lessons.lessons import Lessons
from MMEdu.studio.projects.project import Project
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.studio import Studio

SIDE, WIDTH = 32, 16
COLOURS = {"red": (30, 30, 220), "green": (30, 220, 30), "blue": (220, 30, 30)}


def small_network(file: Path) -> Path:
    """Write a network that sees colours: 4 × 4 patches through fixed random weights, their mean is the features."""
    rng = np.random.default_rng(5)
    graph = OnnxGraph("small")
    value = graph.add_input("input", ("batch", 3, SIDE, SIDE))
    kernel, bias = rng.normal(0, 0.3, (WIDTH, 3, 4, 4)).astype(np.float32), np.full(WIDTH, 0.5, np.float32)
    value = graph.add(
        "Conv", [value, graph.constant(kernel), graph.constant(bias)], kernel_shape=(4, 4), strides=(4, 4)
    )
    places = graph.add("Relu", [value], "feature_map")
    features = graph.add("Flatten", [graph.add("GlobalAveragePool", [places])], "features", axis=1)
    head = [
        graph.named("w", rng.normal(size=(2, WIDTH)).astype(np.float32)),
        graph.named("b", np.zeros(2, np.float32)),
    ]
    logits = graph.add("Gemm", [features, *head], transB=1)
    graph.add_output(graph.add("Softmax", [logits], "probs", axis=1), ("batch", 2))
    graph.add_output(features, ("batch", WIDTH))
    graph.add_output(places, ("batch", WIDTH, SIDE // 4, SIDE // 4))
    preprocess = {"size": [SIDE, SIDE], "color": "rgb", "mean": [127.0] * 3, "std": [128.0] * 3}
    preprocess |= {"resize": "short_side", "resize_to": SIDE, "interpolation": "auto", "pad_value": 0}
    description = {
        "format": 1,
        "task": "classification",
        "backbone": "EfficientNet_Lite0",
        "classes": ["a", "b"],
        "preprocess": preprocess,
        "kind": "classification",
        "options": {},
        "precision": "float32",
        "tool": "mmedu",
        "head": {"features": "features", "weight": "w", "bias": "b"},
    }
    file.write_bytes(graph.encoded({KEY: json.dumps(description)}))
    return file


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small network; not to be written to."""
    return small_network(tmp_path_factory.mktemp("网 络") / "small.onnx")


def picture(colour: str, seed: int = 0, size: tuple[int, int] = (48, 64)) -> bytes:
    """A noisy JPEG of a colour."""
    rng = np.random.default_rng((seed, len(colour)))
    pixels = np.array(COLOURS[colour]) + rng.normal(0, 25, (*size, 3))
    return cv2.imencode(".jpg", np.clip(pixels, 0, 255).astype(np.uint8))[1].tobytes()


@dataclass
class Taught:
    """A project with its lesson, through the API."""

    studio: Studio
    client: TestClient
    project: Project
    classes: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"/api/projects/{self.project.id}"

    @property
    def lesson(self) -> Lesson:
        return self.studio.room(Lessons).of(self.project)

    def add(self, name: str, count: int, *, colour: str = "", first: int = 0) -> list[str]:
        """Add pictures to a class, which is made where it is missing; returns their ids."""
        if name not in self.classes:
            self.classes[name] = self.project.add_class(name).id
        pictures = (picture(colour or name, first + number) for number in range(count))
        return [self.project.add(self.classes[name], data).id for data in pictures]

    def teaching(self) -> dict[str, Any]:
        """What ``teaching`` says, once it is of all that is there."""
        state = wait_until(lambda: (self.ask()["state"] not in ("learning",)) and self.ask())
        return wait_until(lambda: (found := self.ask())["current"] and found) if state["state"] == "ready" else state

    def ask(self) -> dict[str, Any]:
        return self.client.get(f"{self.url}/teaching").json()

    def predict(self, data: bytes, query: str = "") -> Any:
        return self.client.post(f"/api/predict?project={self.project.id}{query}", content=data)

    def said(self, data: bytes) -> str:
        """The name of the class with the best score."""
        return max(self.predict(data).json()["classes"], key=lambda one: one["score"])["name"]


MakeTaught = Callable[..., Taught]


@pytest.fixture
def taught(studio: Studio, client: TestClient, network: Path) -> Taught:
    """An empty project that is taught on the small network."""
    studio.room(Backbones).use(network)
    return Taught(studio, client, studio.room(Projects).create("classify", "三色 'x'"))
