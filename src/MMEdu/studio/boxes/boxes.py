"""``Boxes``: what was drawn in one project, in memory and in its ``annotations.json``. ``studio.room(BoxesRoom)``."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from BaseDT import files
from BaseDT.errors import ParameterInvalid, XEduError
from BaseDT.language import say
from MMEdu.studio.boxes import coco_file
from MMEdu.studio.boxes.coco_file import Listed
from MMEdu.studio.boxes.drawn import DrawnBox, Kept, checked, fitted
from MMEdu.studio.projects.picture import Change
from MMEdu.studio.projects.project import Project
from MMEdu.studio.studio import Studio


class Boxes:
    """The boxes of one project; every method may be called from any thread.

    The file is what counts: whoever edits it while the studio runs is heard. Boxes of a picture that has vanished are
    remembered while the studio runs, in case it comes back; the file names none that is not there.

    Args:
        project: Of kind "find".

    Attributes:
        notes: Sentences on what was odd about the file.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.notes: list[str] = []
        self._lock = threading.RLock()
        self._boxes: dict[str, tuple[DrawnBox, ...]] = {}
        self._texts: dict[str, tuple[object, str, str]] = {}
        self._stamp: files.Stamp | None = None
        self._stale = False
        self._read()
        project.listeners.append(self._heard)

    @property
    def file(self) -> Path:
        """Where they are kept."""
        return self.project.folder / coco_file.NAME

    def of(self, picture_id: str) -> tuple[DrawnBox, ...] | None:
        """Return the boxes of a picture; None where nobody has looked at it yet.

        Raises:
            ImageNotFound: There is no such picture (-103).
        """
        self.project.picture(picture_id)
        with self._lock:
            self._follow()
            boxes = self._boxes.get(picture_id)
            known = {one.id for one in self.project.classes}
            return None if boxes is None else tuple(box for box in boxes if box.class_id in known)

    def all(self) -> dict[str, tuple[DrawnBox, ...]]:
        """Return the boxes of all pictures that somebody has looked at, in the order of the pictures."""
        with self._lock:
            self._follow()
            known = {one.id for one in self.project.classes}
            return {
                picture.id: tuple(box for box in self._boxes[picture.id] if box.class_id in known)
                for picture in self.project.pictures()
                if picture.id in self._boxes
            }

    def put(self, picture_id: str, values: object, page: str = "") -> Kept:
        """Keep the boxes of a picture, in place of what it had.

        Args:
            picture_id: Which.
            values: As the page sends them; None: nobody has looked at it. An empty list: nothing is to be found on it.
            page: Which page says so: the others are told.

        Raises:
            ImageNotFound: There is no such picture (-103).
            ParameterInvalid: They are no boxes (-305).
            DiskFull, PathNotWritable: They cannot be written; the old ones stay (-803, -104).
        """
        self.project.picture(picture_id)
        if values is None:
            self._keep({picture_id: None}, page)
            return Kept(())
        kept = checked(values, self._size(picture_id), {one.id for one in self.project.classes})
        self._keep({picture_id: kept.boxes}, page)
        return kept

    def put_all(self, boxes: Mapping[str, Sequence[DrawnBox]]) -> None:
        """Keep the boxes of several pictures, fitted into them; raises as ``put``."""
        self._keep({one: fitted(drawn, self._size(one)).boxes for one, drawn in boxes.items()})

    def flush(self) -> None:
        """Write the file where pictures or classes have changed since.

        Raises:
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        with self._lock:
            self._follow()
            if self._stale:
                self._write()

    # --- within ---------------------------------------------------------------------------------------------------

    def _keep(self, changes: Mapping[str, tuple[DrawnBox, ...] | None], page: str = "") -> None:
        with self._lock:
            self._follow()
            before = dict(self._boxes)
            for picture_id, boxes in changes.items():
                if boxes is None:
                    self._boxes.pop(picture_id, None)
                else:
                    self._boxes[picture_id] = boxes
            try:
                self._write()
            except XEduError:
                self._boxes = before
                raise
        for picture_id, boxes in changes.items():
            count = None if boxes is None else len(boxes)
            self.project.channel.tell("boxes", {"picture": picture_id, "count": count, "page": page})

    def _size(self, picture_id: str) -> tuple[int, int]:
        size = self.project.sizes().get(picture_id, (0, 0))
        if 0 in size:
            raise ParameterInvalid(
                say("This picture cannot be read.", "这张图片无法读取。"),
                hint=say("Delete it, and add it anew.", "请删除后重新添加。"),
            )
        return size

    def _heard(self, change: Change) -> None:
        """Note that the file names pictures or classes that are others now: it is written when it is next needed."""
        if change.what in ("removed", "classes", "moved"):
            with self._lock:
                self._stale = True

    def _follow(self) -> None:
        """Read the file anew where somebody has edited it."""
        stamp = files.stamp_of(self.file)
        if stamp is not None and stamp != self._stamp:
            self._read()

    def _read(self) -> None:
        stamp = files.stamp_of(self.file)
        if stamp is None:
            return
        try:
            found = coco_file.read(self.file)
        except (OSError, ValueError, RecursionError):
            self._set_aside()
            return
        if found.left_out:
            copy = self._copied()
            self.notes.append(
                say(f"{found.left_out} entries of annotations.json could not be understood; the file as it was is kept "
                    f"as {copy}.",
                    f"annotations.json 中有 {found.left_out} 条内容无法识别；原文件保留为 {copy}。")
            )  # fmt: skip
        by_name = {picture.path.name: picture.id for picture in self.project.pictures()}
        classes = {key: self._class_of(key, name) for key, name in found.names.items()}
        self._boxes = {
            by_name.get(picture, picture): tuple(replace(box, class_id=classes[box.class_id]) for box in boxes)
            for picture, boxes in found.boxes.items()
        }
        self._stamp = stamp

    def _class_of(self, key: str, name: str) -> str:
        """Return the id of a class of the file; one that the project lacks is made where a person wrote it in."""
        if any(one.id == key for one in self.project.classes):
            return key
        known = self.project.class_named(name)
        if known is None and key.startswith("name:"):
            known = self.project.add_class(name)
        return key if known is None else known.id  # one that was deleted hides its boxes

    def _set_aside(self) -> None:
        """Give a file that cannot be read another name, and go on with what is in memory."""
        aside = files.free_name(self.file.with_name("annotations.damaged.json"))
        try:
            self.file.rename(aside)
        except OSError:
            return
        self._stamp = None
        if self._boxes:
            self._write()
        self.notes.append(
            say(f"annotations.json was damaged. It is kept as {aside.name}; "
                + ("what was drawn since the studio started is here." if self._boxes else "the boxes begin anew."),
                f"annotations.json 已损坏，保留为 {aside.name}；"
                + ("studio 启动后画的框都还在。" if self._boxes else "框需要重新画。"))
        )  # fmt: skip

    def _copied(self) -> str:
        copy = files.free_name(self.file.with_name("annotations.before.json"))
        files.write_whole(copy, self.file.read_bytes())
        return copy.name

    def _write(self) -> None:
        classes = self.project.classes
        categories = {one.id: number for number, one in enumerate(classes, 1)}
        sizes = self.project.sizes()
        images, annotations = [], []
        for picture in self.project.pictures():
            boxes = self._boxes.get(picture.id)
            if boxes is None or 0 in sizes.get(picture.id, (0, 0)):
                continue
            key = (boxes, categories, picture.path.name, sizes[picture.id])
            known = self._texts.get(picture.id)
            if known is None or known[0] != key:
                listed = Listed(picture.order, picture.id, picture.path.name, sizes[picture.id])
                known = (
                    key,
                    coco_file.image_text(listed),
                    coco_file.annotations_text(listed.number, boxes, categories),
                )
                self._texts[picture.id] = known
            images.append(known[1])
            annotations.append(known[2])
        files.write_whole(self.file, coco_file.document(images, annotations, classes))
        self._stamp, self._stale = files.stamp_of(self.file), False


class BoxesRoom:
    """The boxes of a studio's projects."""

    def __init__(self, _: Studio) -> None:
        self._open: dict[str, Boxes] = {}
        self._lock = threading.Lock()

    def of(self, project: Project) -> Boxes:
        """Return the boxes of a project.

        Raises:
            ParameterInvalid: It is not of kind "find" (-305).
        """
        if project.kind != "find":
            raise ParameterInvalid(
                say("This project has classes, not boxes.", "这个项目用于分类，没有框。"),
                hint=say("Make a project of kind 'find' on the home page.", "请在首页新建“寻找物体”项目。"),
            )
        with self._lock:
            known = self._open.get(project.id)
            if known is None or known.project is not project:
                self._open[project.id] = known = Boxes(project)
            return known

    def close(self) -> None:
        """Write what is stale; a folder that is gone needs nothing."""
        for boxes in self._open.values():
            try:
                boxes.flush()
            except XEduError:
                continue
