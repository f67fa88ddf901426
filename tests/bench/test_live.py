"""The camera, the film and the tables of ``bench.live``. Nothing here measures time."""

from __future__ import annotations

import cv2
import numpy as np

from bench import _discs, _mjpeg, live


def test_a_picture_says_when_it_was_made_also_after_jpeg() -> None:
    for stamp in (0, 1, 0xABCDEF0123, (1 << 40) - 1):
        data = cv2.imencode(".jpg", _mjpeg.stamped(stamp))[1]
        assert _mjpeg.stamp_of(cv2.imdecode(data, cv2.IMREAD_COLOR)) == stamp


def test_the_film_is_the_same_for_a_seed_and_its_boxes_fit_its_discs() -> None:
    first, again = (list(_discs.film(5, 20, seed=1)) for _ in range(2))
    assert [picture.found for picture in first] == [picture.found for picture in again]
    for picture in first:
        for number, (x1, y1, x2, y2) in picture.truth.items():
            inside = picture.pixels[int(y1) : int(y2) + 1, int(x1) : int(x2) + 1, 0] == _discs._level(number)
            assert np.count_nonzero(inside) == np.count_nonzero(picture.pixels[..., 0] == _discs._level(number))


def test_the_tables_show_what_was_found_and_leave_out_what_broke() -> None:
    found = {"rate": 8.3, "age_median": 0.029, "age_99": 0.054, "age_most": 0.1, "memory_grown": 0.9}
    assert live.camera_row("x", found) == ["x", "8.3", "29", "54", "100", "+0.9"]
    assert live.camera_row("x", {"error": "it broke"}) == ["x", "–", "–", "–", "–", "–"]
    tracked = {"idf1_mean": 0.98, "idf1_least": 0.953, "milliseconds": 0.6, "milliseconds_99": 1.25}
    assert live.track_row("x", tracked) == ["x", "98.0", "95.3", "0.60", "1.25"]
    assert live.track_row("x", {"error": "it broke"}) == ["x", "–", "–", "–", "–"]
