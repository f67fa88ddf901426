"""Features on a plane: alike ones near each other, the same each time; and which pictures lie among strangers."""

from __future__ import annotations

import numpy as np
import pytest

from MMEdu.tasks.classification import projection


def _clouds(*sizes, spread=0.05, dimensions=12, seed=0):
    """Features of classes, each around a direction of its own; returns features and labels."""
    rng = np.random.default_rng(seed)
    directions = np.eye(dimensions)[: len(sizes)]
    labels = np.repeat(np.arange(len(sizes)), sizes)
    return (directions[labels] + rng.normal(0, spread, (len(labels), dimensions))).astype(np.float32), labels


def test_the_length_of_features_does_not_count():
    features, _ = _clouds(5, 5)
    brighter = features * np.linspace(1, 50, 10, dtype=np.float32)[:, None]
    np.testing.assert_allclose(projection.directions(brighter), projection.directions(features), atol=1e-6)


def test_features_that_are_all_zero_stay_numbers():
    unit = projection.directions(np.zeros((3, 4), dtype=np.float32))
    assert (unit == 0).all()


@pytest.mark.parametrize("method", ["PCA", "t-SNE"])
def test_classes_that_differ_lie_apart(method):
    features, labels = _clouds(15, 15, 15)
    points, _ = projection.project(projection.directions(features), method)
    assert points.shape == (45, 2)
    assert points.dtype == np.float32
    middles = np.stack([points[labels == label].mean(axis=0) for label in range(3)])
    widths = max(float(points[labels == label].std(axis=0).max()) for label in range(3))
    gaps = np.linalg.norm(middles[:, None] - middles[None], axis=2)[np.triu_indices(3, 1)]
    assert gaps.min() > 3 * widths


@pytest.mark.parametrize("method", ["PCA", "t-SNE"])
def test_the_same_features_give_the_same_points(method):
    unit = projection.directions(_clouds(12, 12)[0])
    first, second = (projection.project(unit, method)[0] for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize("method", ["PCA", "t-SNE"])
def test_the_number_of_threads_does_not_count(method):
    from threadpoolctl import threadpool_limits

    unit = projection.directions(_clouds(80, 80, 80, spread=0.4, dimensions=60)[0])
    maps = []
    for threads in (1, 4):
        with threadpool_limits(threads):
            maps.append(projection.project(unit, method)[0])
    assert (maps[0] == maps[1]).all()


def test_pca_says_how_much_of_the_differences_it_shows():
    features = np.zeros((6, 5), dtype=np.float32)
    features[:, 0] = 1
    features[:, 1] = [-1, -1, 0, 0, 1, 1]
    assert projection.project(projection.directions(features), "PCA")[1] == pytest.approx(1, abs=1e-5)
    many, _ = _clouds(20, 20, 20, 20, 20, spread=0.3)
    assert 0.2 < projection.project(projection.directions(many), "PCA")[1] < 0.9
    assert np.isnan(projection.project(projection.directions(many), "t-SNE")[1])


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_few_pictures_have_a_pca(count):
    unit = projection.directions(_clouds(count)[0])
    points, _ = projection.project(unit, "PCA")
    assert points.shape == (count, 2)
    assert np.isfinite(points).all()


@pytest.mark.parametrize("count", [projection.SMALLEST_TSNE, 8])
def test_few_pictures_have_a_tsne(count):
    points, _ = projection.project(projection.directions(_clouds(count)[0]), "t-SNE")
    assert points.shape == (count, 2)
    assert np.isfinite(points).all()


@pytest.mark.parametrize("method", ["PCA", "t-SNE"])
def test_pictures_that_are_all_the_same_are_one_point(method):
    points, share = projection.project(projection.directions(np.ones((9, 4), dtype=np.float32)), method)
    assert (points == 0).all()
    assert np.isnan(share)


def test_one_feature_is_enough():
    points, _ = projection.project(np.array([[-1.0], [0.0], [1.0]], dtype=np.float32), "PCA")
    assert points.shape == (3, 2)
    assert (points[:, 1] == 0).all()


def test_a_picture_with_a_wrong_label_is_a_stranger():
    features, labels = _clouds(20, 20)
    labels[3] = 1
    near = projection.neighbours(projection.directions(features), labels)
    assert near.strangers == (3,)
    assert near.among[3] == 0
    assert near.others[3] == 1
    assert near.at_home == pytest.approx(39 / 40)


def test_the_most_lost_come_first_and_the_classes_take_turns():
    features, labels = _clouds(30, 30, 30)
    labels[[0, 1, 2]] = 1
    labels[[30, 31]] = 2
    near = projection.neighbours(projection.directions(features), labels)
    assert sorted(near.strangers) == [0, 1, 2, 30, 31]
    shares = near.others[list(near.strangers)]
    assert (np.diff(shares) <= 0).all()
    if (shares[:4] == 1).all():
        assert len(set(labels[list(near.strangers[:2])].tolist())) == 2


def test_a_rare_class_is_not_lost_for_being_rare():
    features, labels = _clouds(40, 3)
    near = projection.neighbours(projection.directions(features), labels)
    assert near.strangers == ()
    assert near.at_home == 1


def test_the_only_picture_of_its_class_is_not_judged():
    features, labels = _clouds(10, 1)
    near = projection.neighbours(projection.directions(features), labels)
    assert np.isnan(near.others[10])
    assert near.strangers == ()


@pytest.mark.parametrize("labels", [[0], [0, 1], [2, 1, 0]])
def test_where_no_class_has_two_pictures_nothing_can_be_judged(labels):
    unit = projection.directions(_clouds(len(labels))[0])
    near = projection.neighbours(unit, np.array(labels, dtype=np.int64))
    assert near.strangers == ()
    assert np.isnan(near.at_home)


def test_the_typical_picture_is_the_one_in_the_middle():
    features = np.array([[1, 0.4], [1, 0.0], [1, -0.5], [0, 1]], dtype=np.float32)
    assert projection.typical(projection.directions(features), np.array([5, 5, 5, 7])) == {5: 1, 7: 3}
