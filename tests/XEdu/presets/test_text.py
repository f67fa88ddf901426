"""Reading text: where lines lie, how they are turned, in which order they are read, what the outputs say."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from BaseDT.errors import CheckpointInvalid
from BaseDT.onnx_write import OnnxGraph
from XEdu import runtime
from XEdu.presets import text, text_regions
from XEdu.presets.text import TextReader

SIZE = (320, 480)


def bars(*rectangles: tuple[tuple[float, float], tuple[float, float], float], share: float = 0.9) -> np.ndarray:
    """A detector's map with a bar for each middle, width and height, and angle in degrees clockwise."""
    shares = np.zeros(SIZE, np.float32)
    for rectangle in rectangles:
        cv2.fillPoly(shares, [np.round(cv2.boxPoints(rectangle)).astype(np.int32)], share)
    return shares


@pytest.mark.parametrize("angle", [0, 5, -30, 44, -44])
def test_a_line_is_grown_and_keeps_its_angle(angle):
    (corners,) = text_regions.found(bars(((240, 160), (160, 16), angle)), SIZE)
    width, height = text_regions.sides(corners)
    growth = 2 * 160 * 16 * 1.6 / (2 * (160 + 16))  # Liao et al. 2020: area · ratio / perimeter, on both sides
    assert (width, height) == pytest.approx((160 + growth, 16 + growth), abs=8)
    along = corners[1] - corners[0]
    assert np.degrees(np.arctan2(along[1], along[0])) == pytest.approx(angle, abs=2)
    np.testing.assert_allclose(corners.mean(axis=0), (240, 160), atol=2)


@pytest.mark.parametrize("angle", [90, 60, -60])
def test_a_line_that_runs_downwards_or_upwards_lies_across_when_it_is_cut_out(angle):
    (corners,) = text_regions.found(bars(((240, 160), (160, 16), angle)), SIZE)
    width, height = text_regions.sides(corners)
    assert width > 4 * height
    # Which end is the beginning, the network for directions tells.
    assert text_regions.sides(text_regions.turned(corners)) == pytest.approx((width, height))


def test_lines_are_in_pixels_of_the_picture():
    (corners,) = text_regions.found(bars(((240, 160), (160, 16), 0)), (640, 480))
    np.testing.assert_allclose(corners.mean(axis=0), (240, 320), atol=3)


@pytest.mark.parametrize(
    "shares", [bars(((240, 160), (160, 16), 0), share=0.4), bars(((240, 160), (20, 1), 0)), bars()]
)
def test_what_is_unsure_or_thin_is_no_line(shares):
    assert text_regions.found(shares, SIZE) == []


def test_a_line_at_the_edge_is_one():
    assert len(text_regions.found(bars(((10, 4), (60, 20), 0), ((475, 316), (60, 20), 0)), SIZE)) == 2


def test_a_turned_line_is_cut_out_upright():
    picture = np.zeros((*SIZE, 3), np.uint8)
    marker, line = ((180.0, 160.0), (40.0, 24.0), 0.0), ((240.0, 160.0), (160.0, 24.0), 0.0)
    cv2.fillPoly(picture, [cv2.boxPoints(line).astype(np.int32)], (255, 255, 255))
    cv2.fillPoly(picture, [cv2.boxPoints(marker).astype(np.int32)], (0, 0, 255))
    turn = cv2.getRotationMatrix2D((240, 160), -30, 1)
    turned = cv2.warpAffine(picture, turn, SIZE[::-1])
    corners = cv2.transform(cv2.boxPoints(line)[None], turn)[0].astype(np.float32)
    upright = text_regions.cut_out(turned, text_regions._across(corners))
    assert upright.shape[0] == pytest.approx(24, abs=1)
    assert upright.shape[1] == pytest.approx(160, abs=1)
    assert upright[12, 10].tolist() == pytest.approx([0, 0, 255], abs=30)
    assert upright[12, 150].tolist() == pytest.approx([255, 255, 255], abs=30)


def test_lines_are_read_row_by_row():
    def at(x: float, y: float, height: float = 20) -> np.ndarray:
        return np.array([[x, y], [x + 60, y], [x + 60, y + height], [x, y + height]], np.float32)

    lines = [at(200, 103), at(10, 300), at(10, 100), at(100, 8, 30), at(10, 12)]
    assert text_regions.reading_order(lines) == [4, 3, 2, 0, 1]
    assert text_regions.reading_order([]) == []
    for degrees in (20, 90, 135, 180, -60):
        turn = cv2.getRotationMatrix2D((160, 160), -degrees, 1)
        turned = [cv2.transform(corners[None], turn)[0].astype(np.float32) for corners in lines]
        assert text_regions.reading_order(turned) == [4, 3, 2, 0, 1]


def test_columns_are_read_from_right_to_left():
    """Characters that stand on each other: a line that runs downwards."""
    columns = [np.array([[x + 20, 10], [x + 20, 200], [x, 200], [x, 10]], np.float32) for x in (10, 60, 110)]
    assert text_regions.reading_order(columns) == [2, 1, 0]


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        ((480, 640), (512, 672)),  # letters of a small picture are enlarged a little
        ((1080, 1920), (896, 1600)),
        ((20, 150), (64, 448)),  # at most three times as large
        ((1, 1), (32, 32)),
        ((1, 5000), (32, 1600)),
        ((9000, 3000), (1600, 544)),
    ],
)
def test_the_size_at_which_lines_are_looked_for(picture, expected):
    assert text.input_size(*picture) == expected


def test_repeated_characters_and_blanks_go():
    characters = ["", "中", "文", "a", " "]
    labels = [0, 1, 1, 0, 1, 2, 0, 0, 4, 3]
    chances = np.full((len(labels), 5), 0.05, np.float32)
    chances[np.arange(len(labels)), labels] = np.linspace(0.5, 0.95, len(labels))
    kept = [1, 4, 5, 8, 9]
    assert text.decoded(chances, characters) == (
        "中中文 a",
        pytest.approx(np.linspace(0.5, 0.95, 10)[kept].mean(), abs=1e-6),
    )
    assert text.decoded(chances[:1], characters) == ("", 0.0)


# --- the whole, with made-up networks -------------------------------------------------------------------------------


def written(folder: Path, name: str, graph: OnnxGraph, **metadata: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(graph.encoded(metadata))
    return folder / f"{name}.onnx"


def detector() -> OnnxGraph:
    """What is light is a line."""
    graph = OnnxGraph("g")
    source = graph.add_input("x", ("n", 3, "h", "w"))
    light = graph.add("ReduceMax", [source], axes=[1], keepdims=1)
    graph.add_output(graph.add("Relu", [light], "out"), ("n", 1, "h", "w"))
    return graph


def direction() -> OnnxGraph:
    """A line that is blue at its left stands on its head."""
    graph = OnnxGraph("g")
    source = graph.add_input("x", ("n", 3, 48, 192))
    ends = [graph.constant(np.array(values, np.int64)) for values in ([0, 0, 20, 14], [1, 3, 28, 24], [0, 1, 2, 3])]
    part = graph.add("ReduceMean", [graph.add("Slice", [source, *ends])], axes=[2, 3], keepdims=0)
    weights = np.array([[0, 0, 9], [9, 0, 0]], np.float32)
    logits = graph.add("Gemm", [part, graph.constant(weights), graph.constant(np.zeros(2, np.float32))], transB=1)
    graph.add_output(graph.add("Softmax", [logits], "out", axis=1), ("n", 2))
    return graph


def recogniser() -> OnnxGraph:
    """Every eighth column is a character: blue 一, green 二, red 三; black is a blank."""
    graph = OnnxGraph("g")
    source = graph.add_input("x", ("n", 3, 48, "w"))
    pooled = graph.add("MaxPool", [source], kernel_shape=[48, 8], strides=[48, 8])
    columns = graph.add("Squeeze", [pooled], axes=[2])
    rows = graph.add("Transpose", [columns], perm=[0, 2, 1])
    spread = np.zeros((3, 5), np.float32)
    spread[[0, 1, 2], [1, 2, 3]] = 9
    scaled = graph.add("MatMul", [rows, graph.constant(spread)])
    bias = graph.constant(np.array([0, 0, 0, 0, -99], np.float32))
    graph.add_output(graph.add("Softmax", [graph.add("Add", [scaled, bias])], "out", axis=2), ("n", "t", 5))
    return graph


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> TextReader:
    folder = tmp_path_factory.mktemp("网络")
    paths = [
        written(folder, "detector", detector()),
        written(folder, "direction", direction()),
        written(folder, "recogniser", recogniser(), character="一\n二\n三"),
    ]
    return TextReader(*(runtime.open(path, threads=1) for path in paths))


BLUE, GREEN, RED = (255, 80, 80), (80, 255, 80), (80, 80, 255)


def line(picture: np.ndarray, x: int, y: int, colours: list[tuple[int, int, int]]) -> None:
    """Draw a line of coloured rectangles."""
    for number, colour in enumerate(colours):
        cv2.rectangle(picture, (x + 40 * number, y - 10), (x + 40 * number + 40, y + 50), colour, -1)


@pytest.mark.parametrize("gray", [False, True])
def test_a_picture_without_text(reader, gray):
    assert reader.of(np.zeros((200, 300) if gray else (200, 300, 3), np.uint8), 0.5) == []
    assert reader.kind.in_words([], "en") == []


def test_lines_are_found_turned_and_read(reader):
    picture = np.zeros((480, 640, 3), np.uint8)
    line(picture, 60, 300, [GREEN, RED])
    line(picture, 60, 60, [RED, GREEN, RED])
    line(picture, 360, 60, [BLUE, GREEN, RED])  # blue first: it stands on its head
    read = reader.of(picture, 0.2)
    assert [one.text for one in read] == ["三二三", "三二一", "二三"]  # most of the text stands upright
    assert [abs(round(one.angle)) for one in read] == [0, 180, 0]
    assert read[1].corners[0][0] > read[1].corners[1][0]
    x1, y1, x2, y2 = read[2].box
    assert x1 < 60 < 140 < x2
    assert y1 < 300 < 340 < y2
    assert reader.of(picture, 1.0) == []


def test_a_film_is_read_picture_by_picture(reader):
    picture = np.zeros((480, 640, 3), np.uint8)
    line(picture, 60, 60, [RED, GREEN])
    frames = reader.frames()
    assert [one.text for one in frames(picture, 0.0, 0.2)] == ["三二"]
    assert frames(np.zeros((120, 160, 3), np.uint8), 0.1, 0.2) == []


@pytest.mark.parametrize("metadata", [{}, {"character": "一\n二"}])
def test_a_recogniser_that_does_not_name_its_characters_is_refused(tmp_path, metadata, refused):
    backend = runtime.open(written(tmp_path, "recogniser", recogniser(), **metadata), threads=1)
    with refused(CheckpointInvalid, "mmedu weights get ocr"):
        text.characters_of(backend)
