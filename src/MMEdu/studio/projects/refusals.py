"""The sentences with which projects refuse."""

from __future__ import annotations

from BaseDT.errors import DatasetInvalid, DatasetNotFound, ImageNotFound, PathExists, PathNotWritable
from BaseDT.language import say

MOST_PICTURES = 5000
MOST_CLASSES = 200


def _reload() -> str:
    return say("Reload the page: it was changed in another one.", "请刷新页面：它可能已在另一个页面中被修改。")


def no_project() -> DatasetNotFound:
    """There is no project of this id."""
    return DatasetNotFound(
        say("This project is not here any more.", "这个项目已经不在了。"),
        hint=say("Open one of those on the home page.", "请在首页打开其他项目。"),
    )


def no_class() -> DatasetNotFound:
    """There is no class of this id."""
    return DatasetNotFound(say("This class is not here any more.", "这个类别已经不在了。"), hint=_reload())


def no_picture() -> ImageNotFound:
    """There is no picture of this id."""
    return ImageNotFound(say("This picture is not here any more.", "这张图片已经不在了。"), hint=_reload())


def class_exists(name: str) -> PathExists:
    """Another class is called so."""
    return PathExists(
        say(f"There is a class '{name}' already.", f"已经有类别“{name}”。"),
        hint=say("Choose another name.", "请换一个名称。"),
    )


def full() -> DatasetInvalid:
    """No more pictures are taken."""
    return DatasetInvalid(
        say(
            f"The project has {MOST_PICTURES} pictures: no more come in.",
            f"项目已有 {MOST_PICTURES} 张图片，不能再添加。",
        ),
        hint=say(
            "Delete some that look alike, or train with a data set on the page Train.",
            "请删除一些相似的图片，或在“训练”页面使用数据集训练。",
        ),
    )


def too_many_classes() -> DatasetInvalid:
    """No more classes are made."""
    return DatasetInvalid(
        say(
            f"The project has {MOST_CLASSES} classes: no more are made.",
            f"项目已有 {MOST_CLASSES} 个类别，不能再添加。",
        ),
        hint=say("Delete one first.", "请先删除一个类别。"),
    )


def held(name: str) -> PathNotWritable:
    """A folder cannot be renamed or removed."""
    return PathNotWritable(
        say(f"'{name}' cannot be changed on the disk.", f"无法在磁盘上修改“{name}”。"),
        hint=say(
            "Close the program that shows its folder or a picture of it.", "请关闭正在打开该文件夹或其中图片的程序。"
        ),
    )
