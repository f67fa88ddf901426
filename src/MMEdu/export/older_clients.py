"""What an export says of the original clients, which know a model by its name alone."""

from __future__ import annotations

from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess


def remarks(info: ModelInfo) -> list[str]:
    """Say where the original clients cannot feed a file rightly, or see another part of the picture."""
    if not info.older_task:
        return []
    if not info.older_clients:
        return [
            say(
                "The original clients of this family cannot feed it rightly; XEdu.hub of this version can.",
                "旧版客户端无法正确运行该文件；请使用本版本的 XEdu.hub。",
            )
        ]
    client, ours = info.older_crop, info.preprocess
    if client is None or ours is None:
        return []
    (theirs_en, theirs_zh), (ours_en, ours_zh) = _shape_words(client), _shape_words(ours)
    return [
        say(
            f"The original clients bring pictures into shape otherwise: they {theirs_en}, where the model was trained "
            f"to {ours_en}. Their answers can differ; those of XEdu.hub and BaseDeploy of this version do "
            f"not.",
            f"旧版客户端处理图片形状的方式不同：它们{theirs_zh}，而训练时是{ours_zh}。结果可能不同；"
            f"本版本的 XEdu.hub 和 BaseDeploy 与训练一致。",
        )
    ]


def _shape_words(preprocess: Preprocess) -> tuple[str, str]:
    height, width = preprocess.size
    if preprocess.resize == "letterbox":
        return "show the whole on a plain ground", "保持比例、显示完整图片"
    if preprocess.resize == "short_side":
        return "cut the middle out with its ratio kept", "保持比例、取中间部分"
    if preprocess.resize_to not in (None, (height, width)):
        return "stretch it and cut off the border", "拉伸后裁去边缘"
    return "stretch the whole", "拉伸完整图片"
