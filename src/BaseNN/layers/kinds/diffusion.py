"""The diffusion model, a whole network that learns to draw. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from BaseDT.argument_schema import argument
from BaseDT.arguments import check_integer, invalid
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseNN.layers.kind import Laid, LayerKind, Surroundings, laid
from BaseNN.layers.sizes import Shape, misfit

SIZE = 28
"""The side of pictures where no data say another."""
_HALVED = 4  # maps are halved twice on the way down
_WIDTHS = 8  # groups of normalisation and heads of attention share the channels


def checked_side(name: str, value: Any) -> int:
    """Return the side of a picture, in pixels.

    Raises:
        ParameterInvalid: It is none, or the network cannot halve it twice (-305).
    """
    side = check_integer(name, value, least=8, most=256)
    if side % _HALVED:
        below = side // _HALVED * _HALVED
        fits = f"{below}, {below + _HALVED}"
        raise invalid(name, value, f"a multiple of {_HALVED}, e.g. {fits}", f" {_HALVED} 的倍数，例如 {fits}")
    return side


def checked_width(name: str, value: Any) -> int:
    """Return a number of channels that divides into groups.

    Raises:
        ParameterInvalid: It does not (-305).
    """
    width = check_integer(name, value, least=8, most=256)
    if width % _WIDTHS:
        raise invalid(name, value, f"a multiple of {_WIDTHS}, e.g. 32", f" {_WIDTHS} 的倍数，例如 32")
    return width


@dataclass(frozen=True)
class DiffusionModel:
    """What ``diffusion_model`` takes."""

    img_size: int | None = argument(
        None,
        "Side of the pictures, in pixels, a multiple of 4; left out: that of the data, or 28.",
        "图片边长（像素），4 的倍数；不写则取自数据，没有数据时为 28。",
        check=checked_side,
        form={"type": ["integer", "null"], "minimum": 8, "maximum": 256},
    )
    timestep: int = argument(
        500, "Steps from a picture to noise, and back.", "从图片到噪声（以及返回）的步数。", least=2, most=10_000
    )
    dim: int = argument(
        32,
        "Channels of the first maps, a multiple of 8: more draws finer, and takes longer.",
        "首层特征图的通道数，8 的倍数：越多画得越细，也越慢。",
        check=checked_width,
        form={"type": "integer", "minimum": 8, "maximum": 256},
    )
    patch: int = argument(
        2,
        "2: blocks of 2×2 pixels are one place to the network; 1: pixels are, at four times the work.",
        "2：把 2×2 像素看作一个位置；1：逐像素处理，计算量为四倍。",
        choices=(1, 2),
    )
    channels: int | None = argument(
        None,
        "1 for gray pictures, 3 for coloured ones; left out: as the data.",
        "灰度图为 1，彩色图为 3；不写则取自数据。",
        choices=(1, 3),
    )
    classes: int | None = argument(
        None,
        "Classes that it is told of, and draws in turn; left out: those of the data; 0: none.",
        "学习时告诉它的类别数，生成时依次画出各类；不写则取自数据，0 表示不区分。",
        least=0,
        most=10_000,
    )


def lay_diffusion(arguments: DiffusionModel, incoming: Shape | None, around: Surroundings) -> Laid:
    """Pictures come in, and such pictures come out."""
    if arguments.classes is None:
        arguments = replace(arguments, classes=around.classes if around.classes > 1 else 0)
    if incoming is None:
        side = arguments.img_size or SIZE
        channels = arguments.channels
        return laid(replace(arguments, img_size=side), None if channels is None else (channels, side, side))
    if len(incoming) != 3 or incoming[0] not in (1, 3):
        hint = say(
            "Give pictures as (N, 1, H, W) or (N, 3, H, W): x[:, None] makes the first of (N, H, W).",
            "图片的形状应为 (N, 1, H, W) 或 (N, 3, H, W)；(N, H, W) 可用 x[:, None] 转换。",
        )
        raise misfit(incoming, say("draws pictures of one channel or three", "只能生成单通道或三通道的图片"), hint)
    channels, height, width = incoming
    _check_square(height, width, arguments.img_size)
    if arguments.channels not in (None, channels):
        raise misfit(
            incoming,
            f"channels={arguments.channels}",
            say(f"Write channels={channels}.", f"请写 channels={channels}。"),
        )
    side = checked_side("img_size", height)
    return laid(replace(arguments, img_size=side, channels=channels), (channels, side, side))


def _check_square(height: int | None, width: int | None, given: int | None) -> None:
    wanted = given or SIZE
    if height == width and given in (None, height):
        return
    raise ParameterInvalid(
        say(
            f"The pictures have {height} × {width} pixels, and it draws {given or 'squares'}"
            f"{f' × {given}' if given else ''}.",
            f"图片为 {height} × {width} 像素，而该模型生成{f' {given} × {given} 的' if given else '正方形'}图片。",
        ),
        hint=say(
            f"Load them with transform={{'Resize': ({wanted}, {wanted})}}.",
            f"请在载入时加上 transform={{'Resize': ({wanted}, {wanted})}}。",
        ),
    )


KINDS: tuple[LayerKind, ...] = (
    LayerKind(
        name="diffusion_model",
        arguments=DiffusionModel,
        lay=lay_diffusion,
        build="BaseNN.layers.modules.diffusion:diffusion_model",
        shows=("learns to turn noise into pictures like those it saw", "学会把噪声一步步变成与训练集相似的图片"),
        example="add('diffusion_model', img_size=28, timestep=500)",
        completes=("channels", "img_size"),
        whole=True,
    ),
)
