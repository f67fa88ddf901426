"""Pictures by name: they come, go and change their class; what held-out answers say of them; their map; why."""

from __future__ import annotations

import numpy as np
import pytest

from XEdu.teach import held_out
from XEdu.teach.activation import evidence
from XEdu.teach.collection import Collection, Table
from XEdu.teach.judgement import Judgement, judgement
from XEdu.teach.plane import plane
from XEdu.teach.softmax_regression import LastLayer, fit


def clouds(counts: tuple[int, ...], width: int = 20, seed: int = 0, spread: float = 1.0) -> list[np.ndarray]:
    """Features of classes around middles of their own."""
    rng = np.random.default_rng(seed)
    return [(rng.normal(0, 3, width) + rng.normal(0, spread, (count, width))).astype(np.float32) for count in counts]


def filled(counts: tuple[int, ...] = (6, 4)) -> tuple[Collection, dict[str, str]]:
    """A collection with classes A, B …, and the class of each picture."""
    collection, classes = Collection(20), {}
    for name, rows in zip("ABCDE", clouds(counts), strict=False):
        pictures = [f"{name}{number}" for number in range(len(rows))]
        collection.put(pictures, rows)
        classes |= dict.fromkeys(pictures, name)
    return collection, classes


def judge(table: Table) -> Judgement:
    return judgement(table, held_out.answers(table.features, table.labels))


# --- the collection --------------------------------------------------------------------------------------------------


def test_what_was_put_in_comes_out_in_the_order_that_is_asked_for():
    collection, classes = filled()
    table = collection.table(classes, ["B", "A", "empty"])
    assert table.classes == ("B", "A")
    assert table.counts == [4, 6]
    assert table.pictures == tuple(classes)
    np.testing.assert_array_equal(table.features, np.concatenate(clouds((6, 4))))
    assert [table.classes[label] for label in table.labels] == list(classes.values())


def test_a_picture_that_is_not_seen_yet_or_has_no_class_falls_out():
    collection, classes = filled()
    table = collection.table({**classes, "unseen": "A", "A0": "gone"}, ["A", "B"])
    assert len(table.pictures) == 9
    assert "A0" not in table.pictures


def test_places_of_pictures_that_were_forgotten_are_taken_again():
    collection = filled((6, 4))[0]
    for number in range(200):
        collection.forget([f"A{number % 6}", "nobody"])
        collection.put([f"A{number % 6}"], np.full((1, 20), number, np.float32))
    assert len(collection) == 10
    assert len(collection._rows) <= 20
    np.testing.assert_array_equal(collection.features(["B0"])[0], clouds((6, 4))[1][0])
    assert collection.features(["A1"])[0, 0] == 199


def test_a_picture_that_is_put_twice_is_one():
    collection = Collection(3)
    collection.put(["x", "y", "x"], np.arange(9, dtype=np.float32).reshape(3, 3))
    assert (len(collection), collection.pictures) == (2, ["x", "y"])
    assert collection.features(["x"])[0, 0] == 6
    assert "x" in collection
    assert collection.table({}, []).features.shape == (0, 3)


# --- what is said of pictures that were left out ---------------------------------------------------------------------


def test_matrix_cells_and_mistakes_belong_together():
    collection, classes = filled((12, 12, 12))
    classes["A3"] = "B"  # lies wrong
    found = judge(collection.table(classes, ["A", "B", "C"]))
    assert found.matrix == [[11, 0, 0], [1, 12, 0], [0, 0, 12]]
    assert found.cells[1][0] == ("A3",)
    assert [(one.picture, one.true, one.said) for one in found.mistakes] == [("A3", "B", "A")]
    assert (found.judged, found.right, found.accuracy) == (36, 35, 35 / 36)


def test_the_only_picture_of_a_class_is_not_judged():
    collection, classes = filled((6, 1))
    found = judge(collection.table(classes, ["A", "B"]))
    assert (found.unjudged, found.judged) == (("B0",), 6)
    nobody = judge(filled((1, 1))[0].table({"A0": "A", "B0": "B"}, ["A", "B"]))
    assert nobody.accuracy is None


def test_the_surest_mistake_comes_first():
    table = filled((3, 2))[0].table({f"A{n}": "A" for n in range(3)} | {f"B{n}": "B" for n in range(2)}, ["A", "B"])
    said = np.array([[0.4, 0.6], [0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [np.nan, np.nan]], np.float32)
    found = judgement(table, said)
    assert [one.picture for one in found.mistakes] == ["A1", "A0"]
    assert found.unjudged == ("B1",)


def test_judging_stops_when_it_is_told_to():
    collection, classes = filled((12, 12))
    table = collection.table(classes, ["A", "B"])
    asked: list[int] = []
    said = held_out.answers(table.features, table.labels, lambda: bool(asked.append(1)) or len(asked) > 2)
    assert len(asked) == 3
    assert 0 < np.isnan(said[:, 0]).sum() < 24


def test_held_out_answers_are_those_that_are_counted():
    features = np.concatenate(clouds((9, 7), spread=4.0))
    labels = np.repeat([0, 1], [9, 7])
    said = held_out.answers(features, labels)
    assert held_out.right_and_judged(features, labels) == (int((said.argmax(1) == labels).sum()), 16)
    np.testing.assert_allclose(said.sum(1), 1, atol=1e-5)


@pytest.mark.parametrize(("film", "low", "high"), [(True, 0.0, 0.4), (False, 0.6, 1.4)])
def test_frames_of_a_film_step_little(film, low, high):
    rng = np.random.default_rng(1)
    walks = []
    for _ in range(3):
        steps = rng.normal(size=(30, 20))
        walks.append(rng.normal(0, 6, 20) + (np.cumsum(steps, 0) * 0.3 if film else steps * 6))
    features, labels = np.concatenate(walks).astype(np.float32), np.repeat([0, 1, 2], 30)
    assert low < held_out.steps(features, labels) < high


def test_steps_of_nothing_are_one():
    assert held_out.steps(np.ones((4, 5), np.float32), np.array([0, 0, 1, 1])) == 1
    assert held_out.steps(np.ones((1, 5), np.float32), np.array([0])) == 1
    assert held_out.steps(np.eye(2, dtype=np.float32), np.array([0, 1])) == 1


# --- the map ---------------------------------------------------------------------------------------------------------


def test_the_map_is_that_of_the_principal_components():
    features = np.concatenate(clouds((30, 30, 30), width=40))
    centred = (features - features.mean(0)).astype(np.float64)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    expected = centred @ axes[:2].T
    found = plane(features)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(np.abs(found), np.abs(expected) / scale, atol=1e-3)
    assert found.std(0)[0] >= found.std(0)[1]
    assert np.abs(found).max() == pytest.approx(1)


def test_the_map_does_not_turn_over_when_it_is_drawn_again():
    features = np.concatenate(clouds((10, 10)))
    np.testing.assert_array_equal(plane(features), plane(features.copy()))
    for axis in plane(features).T:
        assert axis[np.abs(axis).argmax()] > 0


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_map_of_few_or_equal_pictures_has_numbers(count):
    features = np.concatenate(clouds((max(count, 1),)))[:count]
    assert np.isfinite(plane(features)).all()
    assert plane(features).shape == (count, 2)
    assert not plane(np.ones((count, 20), np.float32)).any()


# --- where a class was seen ------------------------------------------------------------------------------------------


def test_the_mean_of_the_evidence_is_the_score():
    """Zhou et al. 2016, equation 2: the places' shares add up to what the class stands out by."""
    features = np.concatenate(clouds((9, 9, 9)))
    layer = fit(features, np.repeat([0, 1, 2], 9), 3)
    places = np.random.default_rng(3).uniform(0, 4, (20, 5, 7)).astype(np.float32)
    for label in range(3):
        logits = places.mean((1, 2)) @ layer.weight.T + layer.bias
        share = np.tensordot(layer.weight[label] - layer.weight.mean(0), places, 1)
        share += layer.bias[label] - layer.bias.mean()
        assert share.mean() == pytest.approx(logits[label] - logits.mean(), abs=1e-4)
        np.testing.assert_allclose(evidence(places, layer, label), share.clip(0) / share.max(), atol=1e-5)


def test_what_is_common_to_all_classes_changes_no_map():
    layer = LastLayer(np.eye(2, 4, dtype=np.float32), np.zeros(2, np.float32))
    shifted = LastLayer(layer.weight + 5, layer.bias - 3)
    places = np.random.default_rng(3).uniform(0, 4, (4, 3, 3)).astype(np.float32)
    np.testing.assert_allclose(evidence(places, layer, 0), evidence(places, shifted, 0), atol=1e-5)


def test_nothing_that_speaks_for_a_class_is_an_empty_map():
    layer = LastLayer(np.array([[-1], [1]], np.float32), np.zeros(2, np.float32))
    assert not evidence(np.ones((1, 2, 2), np.float32), layer, 0).any()
