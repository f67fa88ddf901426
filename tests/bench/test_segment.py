"""The tables and the made-up pictures of ``bench.segment``, and what is written by hand. Nothing here measures time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from BaseDT.dataset import segmentation
from BaseDT.image import read
from bench import _detect_data, _segment, _segment_data, segment


def test_the_pictures_are_the_same_every_time_and_a_set_that_the_library_reads(tmp_path: Path) -> None:
    first, second = (_segment_data.make(tmp_path / name, 5, 2) for name in ("一", "二 组"))
    for one in sorted(path.relative_to(first) for path in first.rglob("*.*")):
        assert (first / one).read_bytes() == (second / one).read_bytes()
    data = segmentation.load(first)
    assert data.classes == _segment_data.CLASSES
    assert (len(data.train), len(data.val)) == (5, 2)
    mask = data.train[0].read_mask()
    assert mask.shape == read(data.train[0].path).shape[:2] == _detect_data.SHAPE
    assert 0 < (mask > 0).mean() < 1


def test_the_preprocessing_by_hand_is_that_of_training(tmp_path: Path) -> None:
    """Otherwise the comparison would be of two different jobs."""
    picture = next(iter(_detect_data.camera(tmp_path, 1).iterdir()))
    preprocess = _segment.entry_of("FPN_MobileNet").preprocess
    tensor, size = _segment.tensor_by_hand(picture, preprocess.size[0])
    assert size == (480, 640)
    assert np.abs(tensor - preprocess(read(picture))).mean() < 0.2  # averaging where it shrinks is ours alone


def test_the_mask_by_hand_is_that_of_deployment() -> None:
    from XEdu.outputs.parts import label_maps

    logits = np.random.default_rng(1).normal(size=(4, 16, 16)).astype(np.float32)
    preprocess = _segment.entry_of("FPN_MobileNet").preprocess
    values = label_maps.probabilities(label_maps.planes(logits, 4))
    mask, _ = label_maps.label_map(values, preprocess.placement((90, 120)), preprocess.size)
    assert (_segment.mask_by_hand(logits, (90, 120)) == mask).mean() > 0.99


def test_tables_show_medians_and_what_failed() -> None:
    rounds = [
        {"unet": {"ms": {"ours": 5.0, "bare": 5.0}, "ratios": {"ours": 1.0}}},
        {"unet": {"ms": {"ours": 11.0, "bare": 10.0}, "ratios": {"ours": 1.1}}},
        {"unet": {"error": "Traceback\nit broke"}},
    ]
    assert "| unet | 8.0 | 7.5 | 1.05 |" in segment.overhead_table(rounds)
    learned = {"a": {"miou": [50.0, 71.26], "exported": 71.2, "int8": 70.9, "seconds": 30.0, "processor": 60.0}}
    table = segment.learned_table({**learned, "b": {"error": "Traceback\nit broke"}})
    assert "| a | 2 | 71.3 | 71.2 | 70.9 | 30.0 | 60.0 |" in table
    assert "it broke" in table


def test_an_unknown_case_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["bench.segment", "--cases", "unet,vnet"])
    with pytest.raises(SystemExit):
        segment._arguments()
    assert "vnet" in capsys.readouterr().err
