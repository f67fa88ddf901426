"""The bench of keypoints: what is written by hand gives what ours gives, or the comparison means nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from BaseDT import image
from BaseDT.dataset import keypoints
from bench import _pose, _pose_plain
from MMEdu.models import registry
from MMEdu.models.pose.parts.targets import heat_maps
from XEdu.outputs.parts import point_arrays

ENTRY = registry.find("SimpleBaseline_MobileNet", "pose")


def test_the_tensor_by_hand_is_ours(tmp_path: Path) -> None:
    root = _pose.make_data(tmp_path, 1, 1)
    picture = next((root / "images" / "train").iterdir())
    tensor, scale = _pose.tensor_by_hand(picture, ENTRY.preprocess.size[0])
    assert np.abs(tensor - ENTRY.preprocess(image.read(picture))).max() < 1e-4
    assert scale == 192 / 640


def test_the_points_by_hand_are_about_ours() -> None:
    points = torch.rand(1, 8, 2) * 0.8 + 0.1
    maps = heat_maps(points, (48, 48), 2.0).numpy()
    by_hand, scores = _pose.points_by_hand(maps[0], 192, 0.5)
    shares, ours = point_arrays.heatmaps([maps], ["heatmaps"], 8)
    assert np.abs(np.array(by_hand) - shares[0] * 192 / 0.5).max() < 4
    assert np.allclose(scores, ours[0])


def test_the_plain_loop_asks_for_what_ours_does(tmp_path: Path) -> None:
    data = keypoints.load(_pose.make_data(tmp_path, 2, 1))
    people = _pose_plain.People(data.train, ENTRY.preprocess, data.flip_pairs, "heatmaps")
    pixels, maps, known = people[0]
    assert (tuple(pixels.shape), tuple(maps.shape), tuple(known.shape)) == ((3, 192, 192), (8, 48, 48), (8,))
    shares, _ = point_arrays.heatmaps([maps[None].numpy()], ["heatmaps"], 8)
    drawn = heat_maps(torch.from_numpy(shares).float(), (48, 48), 2.0)[0]
    assert float((drawn - maps)[known > 0].abs().max()) < 0.1
