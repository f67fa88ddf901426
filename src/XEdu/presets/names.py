"""The names of the tasks that need no training: those that there are, and what is nearest to those that cannot be had.

Standard library alone: ``Workflow`` lists them before anything is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

_OPENING = "XEdu.presets.opening"


@dataclass(frozen=True)
class Preset:
    """A task that needs no training.

    Attributes:
        opener: ``"module:function"`` that opens it.
        what: What it gives, in English and Chinese.
        live: Whether it is of use on live pictures.
    """

    opener: str
    what: tuple[str, str]
    live: bool = True


PRESETS: dict[str, Preset] = {
    "det_face": Preset(f"{_OPENING}:det_face", ("boxes of faces", "人脸检测框")),
    "det_hand": Preset(f"{_OPENING}:det_hand", ("boxes of left and right hands", "左手和右手的检测框")),
    "det_body": Preset(f"{_OPENING}:det_body", ("boxes of persons", "人体检测框")),
    "pose_face": Preset(f"{_OPENING}:pose_face", ("468 points of each face", "每张人脸的 468 个关键点")),
    "pose_hand21": Preset(f"{_OPENING}:pose_hand21", ("21 points of each hand", "每只手的 21 个关键点")),
    "pose_body": Preset(f"{_OPENING}:pose_body", ("33 points of each person", "每个人的 33 个关键点")),
    "pose_body17": Preset(f"{_OPENING}:pose_body17", ("COCO's 17 points of each person", "每个人的 17 个 COCO 关键点")),
    "seg_person": Preset(f"{_OPENING}:seg_person", ("the pixels of persons", "人像分割")),
    "ocr": Preset(f"{_OPENING}:ocr", ("printed text, Chinese and English", "印刷文字识别（中文和英文）"), live=False),
    "cls_imagenet": Preset(f"{_OPENING}:cls_imagenet", ("one of ImageNet's 1,000 classes", "ImageNet 1000 类分类")),
    "embedding_image": Preset(
        f"{_OPENING}:embedding_image", ("1,280 numbers that describe a picture", "描述图片的 1280 个数"), live=False
    ),
}
ALIASES: dict[str, str] = {
    "hand": "pose_hand21",
    "hand21": "pose_hand21",
    "pose_hand": "pose_hand21",
    "face": "pose_face",
    "pose_face468": "pose_face",
    "body": "pose_body17",
    "body17": "pose_body17",
    "pose_body33": "pose_body",
    "person": "seg_person",
    "facedetect": "det_face",
    "handdetect": "det_hand",
    "bodydetect": "det_body",
}
"""Other spellings, those of the documents among them."""
ABSENT: dict[str, tuple[str, ...]] = {
    "body26": ("pose_body", "pose_body17"),
    "cocodetect": ("det_body", "det_face"),
    "depth_anything": (),
    "det_body_l": ("det_body",),
    "det_coco": ("det_body", "det_face"),
    "det_coco_l": ("det_body", "det_face"),
    "drive_perception": (),
    "embedding_audio": ("embedding_image",),
    "embedding_text": ("embedding_image",),
    "face106": ("pose_face",),
    "gen_color": (),
    "gen_style": (),
    "nlp_qa": ("ocr",),
    "pose_body17_l": ("pose_body17",),
    "pose_body26": ("pose_body", "pose_body17"),
    "pose_face106": ("pose_face",),
    "pose_wholebody": ("pose_body", "pose_hand21", "pose_face"),
    "pose_wholebody133": ("pose_body", "pose_hand21", "pose_face"),
    "seg_sam": ("seg_person",),
    "segment_anything": ("seg_person",),
    "wholebody": ("pose_body", "pose_hand21", "pose_face"),
    "wholebody133": ("pose_body", "pose_hand21", "pose_face"),
}
"""Documented tasks whose weights nobody may pass on freely, with what is nearest to them here."""


def proper_name(name: str) -> str:
    """Return how a task is called here: in small letters, other spellings replaced; unknown names as they are."""
    small = name.strip().lower()
    return ALIASES.get(small, small)
