"""Rows of a head by the names of their classes, for every layout of a head."""

from __future__ import annotations

from functools import cache

import pytest
import torch

from MMEdu.models import registry
from MMEdu.weights import head_rows as head

KNOWN = ("cat", "dog", "bird")
CLASSIFIERS = ["LeNet", "MobileNet", "RepVGG", "ShuffleNet_v2", "VGG", "squeezenet1_1"]
DETECTORS = ["SSD_Lite", "Yolov3_MobileNet", "Yolov3", "FasterRCNN", "Mask_RCNN"]
# rows of a group: before the classes, per class, after them; groups
LAYOUT = {
    "cls_convs": (0, 1, 1, 6),
    "predictors": (5, 1, 0, 3),
    "bbox_head.fc_cls": (0, 1, 1, 1),
    "bbox_head.fc_reg": (0, 4, 0, 1),
    "mask_head": (0, 1, 0, 1),
}


@cache
def network(name: str, classes: int) -> torch.nn.Module:
    """A network without memory: shapes are enough to find the rows."""
    with torch.device("meta"):
        return registry.find(name, "detection" if name in DETECTORS else "classification").build(classes)


class Head(torch.nn.Module):
    """The head's weights of a network, with numbers; the rest of it stays without."""

    def __init__(self, name: str, classes: int, start: float) -> None:
        super().__init__()
        self.rows = head.rows_of(network(name, classes))
        shapes = network(name, classes).state_dict()
        self.state = {
            n: (start + torch.arange(shapes[n].numel(), dtype=torch.float32)).reshape(shapes[n].shape)
            for n in self.rows
        }


@pytest.fixture
def fitted(monkeypatch):
    """Fit a head for KNOWN to other classes; returns the source's rows, the fresh ones, and what came of it."""

    def fit(name: str, wanted: tuple[str, ...], known: tuple[str, ...] | None = KNOWN):
        old, new = Head(name, len(KNOWN), 0.0), Head(name, len(wanted), -1e6)
        monkeypatch.setattr(new, "state_dict", lambda: new.state)
        monkeypatch.setattr(head, "rows_of", lambda _: new.rows)
        return old.state, dict(new.state), head.fit(new, old.state, known, wanted)

    return fit


def expected_rows(weight: str, count: int):
    """Places of rows: of everything before, of each class, of everything after, for each group."""
    before, width, after, groups = next((v for k, v in LAYOUT.items() if weight.startswith(k)), (0, 1, 0, 1))
    size = before + count * width + after
    for group in range(groups):
        start = group * size
        classes = [range(start + before + c * width, start + before + (c + 1) * width) for c in range(count)]
        yield range(start, start + before), classes, range(start + size - after, start + size)


@pytest.mark.parametrize("name", CLASSIFIERS + DETECTORS)
def test_the_head_is_exactly_what_depends_on_the_number_of_classes(name):
    few, many = network(name, 3).state_dict(), network(name, 7).state_dict()
    differ = {n for n in few if few[n].shape != many[n].shape}
    assert set(head.rows_of(network(name, 3))) == differ
    for weight, rows in head.rows_of(network(name, 3)).items():
        assert rows.classes(few[weight]) == 3
        assert rows.classes(many[weight]) == 7


@pytest.mark.parametrize("name", ["LeNet", "RepVGG", *DETECTORS])
@pytest.mark.parametrize(
    "wanted", [KNOWN, ("bird", "cat", "dog"), ("dog",), ("fish", "dog", "cow", "cat"), ("bird", "dog", "cat", "fish")]
)
def test_rows_follow_their_classes(fitted, name, wanted):
    old, fresh, result = fitted(name, wanted)
    assert result.reused == tuple(n for n in wanted if n in KNOWN)
    assert result.fresh == tuple(n for n in wanted if n not in KNOWN)
    assert result.gone == tuple(n for n in KNOWN if n not in wanted)
    assert result.state.keys() == old.keys()
    for weight, value in result.state.items():
        places = zip(expected_rows(weight, len(wanted)), expected_rows(weight, len(KNOWN)), strict=True)
        for (before, classes, after), (was_before, was_classes, was_after) in places:
            assert torch.equal(value[list(before)], old[weight][list(was_before)])
            assert torch.equal(value[list(after)], old[weight][list(was_after)])
            for label, cls in enumerate(wanted):
                known = cls in KNOWN
                source, rows = (old, was_classes[KNOWN.index(cls)]) if known else (fresh, classes[label])
                assert torch.equal(value[list(classes[label])], source[weight][list(rows)])


@pytest.mark.parametrize("name", DETECTORS)
def test_without_a_common_class_only_what_belongs_to_no_class_is_kept(fitted, name):
    old, fresh, result = fitted(name, ("fish", "cow", "ant"))
    assert not result.reused
    for weight, value in result.state.items():
        for before, classes, after in expected_rows(weight, 3):
            assert torch.equal(value[list(before)], old[weight][list(before)])
            for rows in (*classes, after):
                assert torch.equal(value[list(rows)], fresh[weight][list(rows)])


def test_a_file_without_names_keeps_no_rows_even_where_the_count_is_equal(fitted):
    _, fresh, result = fitted("LeNet", KNOWN, None)
    assert result.fresh == KNOWN
    assert all(torch.equal(result.state[n], fresh[n]) for n in fresh)


def test_names_that_are_not_as_many_as_rows_are_not_believed(fitted):
    _, _, result = fitted("LeNet", KNOWN, ("cat", "dog"))
    assert not result.state
    assert not result.reused


def test_weights_beside_the_head_pass_through():
    old = network("LeNet", 3)
    state = {"features.0.weight": torch.ones(6, 1, 5, 5), "more": torch.ones(1)}
    assert head.fit(old, state, KNOWN, KNOWN).state == state
