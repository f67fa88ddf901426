"""The loss: what it counts, what it ignores, and that a rare class is not lost."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from MMEdu.tasks.segmentation.loss import losses, shares_of, soft_dice

IGNORE = 255


def test_shares_count_the_labels_of_each_cell():
    mask = torch.tensor([[[0, 1, 2, 2], [1, 1, 2, IGNORE]]], dtype=torch.uint8)
    shares, known = shares_of(mask, 3, (1, 2))
    assert shares[0, :, 0, 0].tolist() == [0.25, 0.75, 0.0]
    assert shares[0, :, 0, 1].tolist() == [0.0, 0.0, 0.75]
    assert known[0, 0, 0].tolist() == [1.0, 0.75]


def test_the_cross_entropy_is_that_of_enlarged_logits():
    torch.manual_seed(1)
    logits, masks = torch.randn(2, 3, 4, 5), torch.randint(0, 3, (2, 16, 20), dtype=torch.uint8)
    masks[0, :3] = IGNORE
    large = functional.interpolate(logits, scale_factor=4, mode="nearest")
    expected = functional.cross_entropy(large, masks.long(), ignore_index=IGNORE)
    assert losses(logits, masks)["loss_ce"] == pytest.approx(float(expected), rel=1e-5)


def test_logits_of_full_size_and_coarse_ones_are_learned_from_too():
    masks = torch.zeros(1, 32, 48, dtype=torch.uint8)
    for size in ((32, 48), (2, 3), (3, 5)):
        logits = torch.zeros(1, 2, *size, requires_grad=True)
        found = losses(logits, masks)
        assert float(found["loss_ce"].detach()) == pytest.approx(0.6931, abs=1e-3)
        found["loss"].backward()
        assert torch.isfinite(logits.grad).all()


def test_a_batch_in_which_nothing_is_known_teaches_nothing_and_is_a_number():
    logits = torch.randn(1, 3, 4, 4, requires_grad=True)
    found = losses(logits, torch.full((1, 16, 16), IGNORE, dtype=torch.uint8))
    assert float(found["loss"].detach()) == 0.0
    found["loss"].backward()
    assert not logits.grad.any()


def test_dice_is_0_for_what_is_right_and_counts_only_what_occurs():
    shares = torch.zeros(1, 3, 2, 2)
    shares[:, 0, 0], shares[:, 1, 1] = 1, 1
    assert float(soft_dice(shares, shares)) == pytest.approx(0.0, abs=1e-6)
    wrong = shares.flip(2)
    assert float(soft_dice(wrong, shares)) == pytest.approx(1.0)


def test_a_rare_class_weighs_as_much_as_a_frequent_one():
    """Of 4096 pixels 16 are rare: to miss them costs the cross-entropy next to nothing, and Dice a half."""
    masks = torch.zeros(1, 64, 64, dtype=torch.uint8)
    masks[0, :4, :4] = 1
    logits = torch.zeros(1, 2, 16, 16)
    logits[:, 0] = 4.0  # everything is ground
    missed = losses(logits, masks)
    logits[0, :, 0, 0] = torch.tensor([0.0, 4.0])
    found = losses(logits, masks)
    assert float(missed["loss_ce"] - found["loss_ce"]) < 0.02
    assert float(missed["loss_dice"] - found["loss_dice"]) > 0.4
