"""The table of ``bench.pretrained``, on made-up results, and the draw of a few pictures. Nothing here judges a time."""

from __future__ import annotations

from pathlib import Path

from bench._report import MISSING

from bench import pretrained

RUN = {"best": [96.0], "epochs": [[90.0], [96.0], [94.0]], "ends": [3.0, 3.1, 3.2], "total": 5.0}


def test_a_row_has_the_means_of_best_and_last_epoch_and_each_run() -> None:
    other = {**RUN, "best": [98.0], "epochs": [[98.0], [98.0]], "total": 6.0}
    assert pretrained.row("MobileNet", "20", [RUN, other]) == [
        *("MobileNet", "20", "97.0 ± 1.0", "96.0 ± 2.0", "96.0, 98.0", "5.0, 6.0"),
    ]


def test_a_run_that_broke_is_left_out_and_all_broken_say_why() -> None:
    assert pretrained.row("MobileNet", "5", [RUN, {"error": "it broke"}])[4] == "96.0"
    broken = pretrained.row("MobileNet", "5", [{"error": "it broke"}])
    assert broken[2] == MISSING
    assert "it broke" in broken[4]


def test_a_draw_has_so_many_pictures_of_each_class_and_all_of_the_validation_set(make_imagenet, tmp_path: Path) -> None:
    source = make_imagenet(tmp_path / "all", train=6, val=3)
    few = pretrained.subset(source, 2, 1, tmp_path / "few")
    again = pretrained.subset(source, 2, 1, tmp_path / "again")
    other = pretrained.subset(source, 2, 2, tmp_path / "other")
    names = [sorted(p.name for p in (root / "training_set").glob("*/*.*")) for root in (few, again, other)]
    assert len(names[0]) == 4
    assert names[0] == names[1] != names[2]
    assert len(list((few / "val_set").glob("*/*.*"))) == 6
