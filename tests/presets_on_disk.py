"""Made-up networks in place of the published ones: a light spot is a hand, a red one a right hand, its points a star.

They have the inputs, outputs and anchors of the published networks, so that everything around these runs as it is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from BaseDT.image import Pixels
from XEdu.presets.opening import Sources

PALM = 40
"""Side of a palm's box in the detector's input: spots are about as large."""


def spots(
    *places: tuple[float, float], size: tuple[int, int] = (480, 640), radius: int = 40, red: Sequence[int] = ()
) -> Pixels:
    """A black picture with light spots: at x, y in pixels; those whose number is in ``red`` are red, others blue."""
    picture = np.zeros((*size, 3), np.uint8)
    for number, (x, y) in enumerate(places):
        colour = (150, 255, 255) if number in red else (255, 255, 150)
        cv2.circle(picture, (round(x), round(y)), radius, colour, cv2.FILLED)
    return picture


def sources(folder: Path) -> Sources:
    """Networks of hands that lie in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    makers = {"palm_detection_full": _palms, "hand_landmark_full": _hand, "selfie_segmentation": _mask}

    def obtain(names: Sequence[str]) -> list[Path]:
        paths = []
        for name in names:
            path = folder / f"{name}.onnx"
            if not path.exists():
                path.write_bytes(makers[name]())
            paths.append(path)
        return paths

    return Sources(obtain, threads=1)


def in_temporary_folder() -> Sources:
    """The same in a folder that nobody deletes: for tests that share it."""
    return sources(Path(tempfile.mkdtemp()))


def hand_points() -> np.ndarray:
    """Where the 21 points of an upright hand lie, (21, 3) in pixels of the input; its middle is (112, 112).

    It fills half the input, so that the next region is as large as this.
    """
    points = np.zeros((21, 3), np.float32)
    points[0] = 112, 168, 0
    for finger in range(5):
        for joint in range(4):
            points[1 + 4 * finger + joint] = 56 + 28 * finger, 100 - 14 * joint, -joint
    points[1:5, 1] += 40
    return points


def _palms() -> bytes:
    boxes = np.zeros((1, 2016, 18), np.float32)
    boxes[..., 2:4] = PALM
    boxes[..., 5], boxes[..., 9] = PALM / 2, -PALM / 2  # the wrist below, the middle finger's base above
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["light"], axes=[1], keepdims=1),
        helper.make_node("AveragePool", ["light"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Mul", ["cells", "gain"], ["scaled"]),
        helper.make_node("Add", ["scaled", "bias"], ["logits"]),
        helper.make_node("Reshape", ["logits", "column"], ["one"]),
        helper.make_node("Concat", ["one", "one"], ["two"], axis=2),
        helper.make_node("Reshape", ["two", "rows"], ["first"]),
        helper.make_node("Concat", ["first", "never"], ["scores"], axis=1),
        helper.make_node("Identity", ["all"], ["boxes"]),
    ]
    constants = {
        "gain": np.float32(24),
        "bias": np.float32(-12),
        "column": np.array([1, 576, 1], np.int64),
        "rows": np.array([1, 1152, 1], np.int64),
        "never": np.full((1, 864, 1), -100, np.float32),
        "all": boxes,
    }
    return _model(nodes, constants, 192, {"boxes": (1, 2016, 18), "scores": (1, 2016, 1)})


def _hand() -> bytes:
    """The points move with the middle of the light; the hand is there where there is enough of it."""
    middles = np.arange(224, dtype=np.float32) + 0.5
    base = hand_points()
    along = {"x": np.tile([1.0, 0.0, 0.0], 21), "y": np.tile([0.0, 1.0, 0.0], 21)}
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["light"], axes=[1], keepdims=0),
        helper.make_node("ReduceSum", ["light"], ["sum"], keepdims=0),
        helper.make_node("Add", ["sum", "little"], ["total"]),
        helper.make_node("Mul", ["total", "gain"], ["enough"]),
        helper.make_node("Sub", ["enough", "least"], ["flag"]),
        helper.make_node("Sigmoid", ["flag"], ["seen"]),
        helper.make_node("Reshape", ["seen", "row"], ["presence"]),
        helper.make_node("ReduceMean", ["input"], ["colours"], axes=[2, 3], keepdims=0),
        helper.make_node("Mul", ["colours", "sides"], ["sided"]),
        helper.make_node("ReduceSum", ["sided"], ["side"], axes=[1], keepdims=1),
        helper.make_node("Sigmoid", ["side"], ["handedness"]),
        helper.make_node("Add", ["base", "moved_x"], ["halfway"]),
        helper.make_node("Add", ["halfway", "moved_y"], ["points"]),
    ]
    for axis in ("x", "y"):
        nodes[-2:-2] = [
            helper.make_node("Mul", ["light", axis], [f"weighted_{axis}"]),
            helper.make_node("ReduceSum", [f"weighted_{axis}"], [f"sum_{axis}"], keepdims=0),
            helper.make_node("Div", [f"sum_{axis}", "total"], [f"middle_{axis}"]),
            helper.make_node("Mul", [f"middle_{axis}", f"along_{axis}"], [f"moved_{axis}"]),
        ]
    constants = {
        "little": np.float32(1e-3),
        "gain": np.float32(1 / 200),
        "least": np.float32(5),
        "row": np.array([1, 1], np.int64),
        "sides": np.array([[200, 0, -200]], np.float32),
        "base": (base - (112, 112, 0)).reshape(1, 63).astype(np.float32),
        "x": np.broadcast_to(middles, (1, 224, 224)).copy(),
        "y": np.broadcast_to(middles[:, None], (1, 224, 224)).copy(),
        **{f"along_{axis}": values.reshape(1, 63).astype(np.float32) for axis, values in along.items()},
    }
    return _model(nodes, constants, 224, {"points": (1, 63), "presence": (1, 1), "handedness": (1, 1)})


def _mask() -> bytes:
    """What is light is a person."""
    nodes = [helper.make_node("ReduceMean", ["input"], ["mask"], axes=[1], keepdims=1)]
    return _model(nodes, {}, 256, {"mask": (1, 1, 256, 256)})


def _model(
    nodes: Sequence[object], constants: dict[str, object], size: int, outputs: dict[str, Sequence[int]]
) -> bytes:
    tensors = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    given = [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, size, size])]
    taken = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()]
    graph = helper.make_graph(nodes, "g", given, taken, tensors)
    opset = helper.make_opsetid("", 11)
    return bytes(helper.make_model(graph, opset_imports=[opset], ir_version=6).SerializeToString())
