"""``Project``: one project in memory, kept equal to its folder. Every method may be called from any thread.

Files change first, then the memory, then whoever listens is told: a server that is killed leaves a whole project.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from BaseDT import files, image
from BaseDT.dataset.class_order import by_number
from BaseDT.dataset.upright import heads_of
from BaseDT.errors import DatasetInvalid, DiskFull, ParameterInvalid, PathNotWritable, XEduError
from BaseDT.image import phone_formats
from BaseDT.language import say
from BaseDT.names import composed
from MMEdu.studio.live import Channel
from MMEdu.studio.projects import disk, intake, project_file, refusals
from MMEdu.studio.projects.intake import Intake
from MMEdu.studio.projects.names import cleaned, folder_name, same
from MMEdu.studio.projects.picture import COLOURS, Change, Listener, Picture, PictureClass, new_id, order_in
from MMEdu.studio.projects.project_file import Kind, Saved, new_class_id

_CACHE = ".cache"
_MOST_SETTINGS = 200_000
_WORTH_KEEPING = 50  # sizes that were read anew
What = Literal["added", "removed", "moved", "classes", "settings", "name", "deleted"]


@dataclass(frozen=True)
class Refused:
    """A file that did not become a picture: its name, and why."""

    file: str
    error: XEduError


@dataclass(frozen=True)
class TrainingSet:
    """A project as ``load_dataset`` takes it.

    Attributes:
        path: A folder of class folders.
        names: What a model trained on it calls its classes, by label.
        class_ids: The project's classes, by label.
    """

    path: Path
    names: tuple[str, ...]
    class_ids: tuple[str, ...]


class Project:
    """One project.

    Args:
        folder: Where it lies.
        saved: What its file says.
        notes: Sentences on what was odd about it when it was opened.

    Attributes:
        channel: ``changed {revision}`` is told on it; other rooms may tell more.
        listeners: Called with each ``Change`` after the fact, in the thread that changed something; they must be quick.
    """

    def __init__(self, folder: Path, saved: Saved, notes: Sequence[str] = ()) -> None:
        self.channel = Channel()
        self.listeners: list[Listener] = []
        self._notes, self._unread = tuple(notes), list[str]()
        self._folder, self._saved = folder, saved
        self._lock = threading.RLock()
        self._pictures: dict[str, Picture] = {}
        self._sizes: dict[str, tuple[int, int]] | None = None
        self._revision, self._next = 1, 1
        self._untold: list[Change] = []
        self._stamp = files.stamp_of(folder / project_file.NAME)
        self._is_open = False
        self.look()
        self._is_open = True

    # --- what it is ----------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The server's."""
        return self._saved.id

    @property
    def kind(self) -> Kind:
        """``classify`` or ``find``."""
        return self._saved.kind

    @property
    def name(self) -> str:
        """As it is shown."""
        return self._saved.name

    @property
    def folder(self) -> Path:
        """Where it lies now."""
        return self._folder

    @property
    def runs(self) -> Path:
        """Where trainings write; each in a folder of its own."""
        return self._folder / "runs"

    @property
    def cache(self) -> Path:
        """For what can be made again: thumbnails, features. Nobody misses it."""
        return self._folder / _CACHE

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what is odd about it."""
        with self._lock:
            unread = len(self._unread)
        if not unread:
            return self._notes
        what = say(
            f"{unread} pictures in its folder cannot be read on this computer, e.g. {self._unread[0]}.",
            f"文件夹中有 {unread} 张图片在这台电脑上无法读取，例如 {self._unread[0]}。",
        )
        return (*self._notes, f"{what} {phone_formats.way_out()}")

    @property
    def revision(self) -> int:
        """Grows with every change while the server runs."""
        return self._revision

    @property
    def classes(self) -> tuple[PictureClass, ...]:
        """In the user's order."""
        with self._lock:
            return tuple(self._saved.classes)

    @property
    def settings(self) -> dict[str, Any]:
        """What pages keep; a copy."""
        with self._lock:
            return dict(self._saved.settings)

    def pictures(self, class_id: str | None = None) -> tuple[Picture, ...]:
        """Return the pictures in the order in which they came; of one class, or all."""
        with self._lock:
            return tuple(p for p in self._pictures.values() if class_id is None or p.class_id == class_id)

    def picture(self, picture_id: str) -> Picture:
        """Return a picture.

        Raises:
            ImageNotFound: It is not there (any more) (-103).
        """
        with self._lock:
            if picture_id not in self._pictures:
                raise refusals.no_picture()
            return self._pictures[picture_id]

    def class_of(self, class_id: str) -> PictureClass:
        """Return a class.

        Raises:
            DatasetNotFound: It is not there (any more) (-101).
        """
        with self._lock:
            found = next((one for one in self._saved.classes if one.id == class_id), None)
        if found is None:
            raise refusals.no_class()
        return found

    def class_named(self, name: str) -> PictureClass | None:
        """Return the class of a name, letter case ignored; None where there is none."""
        return next((one for one in self.classes if same(one.name) == same(name)), None)

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Return width and height of each picture, upright; (0, 0) where the file is no picture after all."""
        with self._lock:
            known = self._known_sizes()
            unknown = [picture for picture in self._pictures.values() if picture.id not in known]
        heads = heads_of([picture.path for picture in unknown]) if unknown else []
        with self._lock:
            for picture, head in zip(unknown, heads, strict=True):
                known[picture.id] = (0, 0) if head is None else (head.upright[1], head.upright[0])
            found = {identifier: known[identifier] for identifier in self._pictures if identifier in known}
        if len(unknown) > _WORTH_KEEPING:
            self._keep_sizes(found)
        return found

    def training_set(self) -> TrainingSet:
        """Return the project as a data set for classification: its ``pictures`` as they lie; no class without any.

        Where names differ from their folders, ``pictures/classes.txt`` is written.

        Raises:
            ParameterInvalid: The project is of kind "find" (-305).
            PathNotWritable, DiskFull: ``classes.txt`` cannot be written (-104, -803).
        """
        if self.kind != "classify":
            raise ParameterInvalid(say("This project has boxes, not classes.", "这个项目用于检测，不是分类。"))
        with self._lock:
            used = {picture.class_id for picture in self._pictures.values()}
            known = sorted((one for one in self._saved.classes if one.id in used), key=lambda one: composed(one.folder))
            folders, names = [composed(one.folder) for one in known], [one.name for one in known]
            text = self._pictures_folder / "classes.txt"
            # Names that are shown go with none that is a folder: see BaseDT.dataset.classes.
            if names != folders and not {same(name) for name in names} & {same(folder) for folder in folders}:
                order = sorted(range(len(known)), key=lambda index: by_number(folders[index]))
                known, names = [known[i] for i in order], [names[i] for i in order]
                files.write_whole(text, "".join(f"{name}\n" for name in names).encode("utf-8"))
            else:
                names = folders
                files.remove(text)
        return TrainingSet(self._pictures_folder, tuple(names), tuple(one.id for one in known))

    # --- what changes it -----------------------------------------------------------------------------------------

    def add(self, class_id: str, data: bytes, name: str = "") -> Picture:
        """Take in a picture: its file stays as it is.

        Args:
            class_id: Where it belongs; empty in a project of kind "find".
            data: The whole file.
            name: What messages call it.

        Raises:
            ImageUnsupported, ImageDamaged: It is none (-203, -205).
            DatasetNotFound: There is no such class (-101).
            DatasetInvalid: The project is full (-201).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        self._check_place(class_id)
        looked_at = intake.looked_at(data, name)
        with self._telling():
            picture = self._take_in(class_id, data, looked_at)
            self._changed("added", [picture])
        return picture

    def add_all(self, class_id: str, given: Iterable[tuple[str, bytes]]) -> tuple[list[Picture], list[Refused]]:
        """Take in what can be, and say of each other file why not; listeners are told once.

        Args:
            class_id: As in ``add``.
            given: Names and contents.

        Raises:
            DatasetNotFound: There is no such class (-101).
            DiskFull, PathNotWritable: Not even the first could be written (-803, -104).
        """
        self._check_place(class_id)
        added: list[Picture] = []
        refused: list[Refused] = []
        with self._telling():
            try:
                for name, data in given:
                    try:
                        added.append(self._take_in(class_id, data, intake.looked_at(data, name)))
                    except (DiskFull, PathNotWritable) as error:
                        if not added:
                            raise
                        refused.append(Refused(name, error))
                        break
                    except XEduError as error:
                        refused.append(Refused(name, error))
            finally:
                if added:
                    self._changed("added", added)
        return added, refused

    def remove(self, *picture_ids: str) -> None:
        """Delete pictures.

        Raises:
            ImageNotFound: One is not there; none is deleted (-103).
            PathNotWritable: One cannot be deleted (-104).
        """
        with self._changing():
            gone: list[Picture] = []
            try:
                for picture in [self.picture(one) for one in picture_ids]:
                    try:
                        files.patiently(partial(picture.path.unlink, missing_ok=True))
                    except OSError as error:
                        raise files.not_written(picture.path, error) from error
                    self._forget(picture)
                    gone.append(picture)
            finally:
                if gone:
                    self._changed("removed", gone)

    def move(self, class_id: str, *picture_ids: str) -> tuple[Picture, ...]:
        """Move pictures to a class; their ids stay.

        Raises:
            ImageNotFound, DatasetNotFound: A picture, or the class, is not there (-103, -101).
            PathNotWritable: One cannot be moved (-104).
        """
        with self._changing():
            target = self.class_of(class_id)
            if self.kind == "find":
                raise refusals.no_class()
            moved: list[Picture] = []
            try:
                for picture in [self.picture(one) for one in picture_ids]:
                    if picture.class_id != class_id:
                        moved.append(self._moved(picture, target))
            finally:
                if moved:
                    self._changed("moved", moved)
            return tuple(self._pictures[one] for one in picture_ids)

    def add_class(self, name: str = "") -> PictureClass:
        """Make a class; without a name it is numbered.

        Raises:
            PathExists: Another one is called so (-105).
            DatasetInvalid: There are too many (-201).
            ParameterInvalid: The name is too long (-305).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        with self._changing():
            if len(self._saved.classes) >= refusals.MOST_CLASSES:
                raise refusals.too_many_classes()
            name = cleaned(name, "") or self._free_class_name()
            if self.class_named(name):
                raise refusals.class_exists(name)
            made = PictureClass(new_class_id(), name, _free_colour(self._saved.classes), self._made_folder(name))
            try:
                self._save(replace(self._saved, classes=[*self._saved.classes, made]))
            except XEduError:
                if made.folder:
                    with contextlib.suppress(OSError):
                        (self._pictures_folder / made.folder).rmdir()
                raise
            self._changed("classes")
            return made

    def change_class(self, class_id: str, name: str | None = None, color: int | None = None) -> PictureClass:
        """Give a class another name or colour; its folder is renamed with it.

        Raises:
            DatasetNotFound: It is not there (-101).
            PathExists: Another one is called so (-105).
            ParameterInvalid: The name is too long, or there is no such colour (-305).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        if color is not None and not 0 <= color < COLOURS:
            raise ParameterInvalid(
                say(f"There is no colour {color}.", f"没有颜色 {color}。"),
                hint=say("They are 0 to 7.", "可选 0 到 7。"),
            )
        with self._changing():
            old = self.class_of(class_id)
            new_name = old.name if name is None else cleaned(name, old.name)
            other = self.class_named(new_name)
            if other is not None and other.id != class_id:
                raise refusals.class_exists(new_name)
            folder = self._renamed_folder(old, new_name) if new_name != old.name else old.folder
            new = PictureClass(class_id, new_name, old.color if color is None else color, folder)
            if new == old:
                return old
            own_names = self._own_names_in(old.folder, folder)
            classes = [new if one.id == class_id else one for one in self._saved.classes]
            try:
                self._save(replace(self._saved, classes=classes, own_names=own_names))
            except XEduError:
                if folder != old.folder:  # the file still says the old name
                    self._rename(self._pictures_folder / folder, self._pictures_folder / old.folder)
                raise
            self._place_pictures(class_id)
            self._changed("classes")
            return new

    def order_classes(self, class_ids: Sequence[str]) -> None:
        """Put the classes into another order; those that are not named come last.

        Raises:
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        with self._changing():
            places = {one: place for place, one in enumerate(class_ids)}
            ordered = sorted(self._saved.classes, key=lambda one: places.get(one.id, len(places)))
            if ordered != self._saved.classes:
                self._save(replace(self._saved, classes=ordered))
                self._changed("classes")

    def remove_class(self, class_id: str) -> None:
        """Delete a class with its pictures.

        Raises:
            DatasetNotFound: It is not there (-101).
            DiskFull, PathNotWritable: It cannot be (-803, -104).
        """
        with self._changing():
            old = self.class_of(class_id)
            folder, aside = self._pictures_folder / old.folder, self._folder / f".deleted-{class_id}"
            if old.folder and folder.is_dir():
                self._rename(folder, aside)
            rest = [one for one in self._saved.classes if one.id != class_id]
            try:
                self._save(replace(self._saved, classes=rest, own_names=self._own_names_in(old.folder, None)))
            except XEduError:
                if aside.is_dir():
                    self._rename(aside, folder)
                raise
            gone = self.pictures(class_id) if old.folder else ()
            for picture in gone:
                self._forget(picture)
            shutil.rmtree(aside, ignore_errors=True)
            if gone:
                self._changed("removed", gone)
            self._changed("classes")

    def rename(self, name: str) -> None:
        """Give the project another name; its folder keeps its own: trainings may run in it.

        Raises:
            ParameterInvalid: It is too long (-305).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        with self._changing():
            self._save(replace(self._saved, name=cleaned(name, self.name)))
            self._changed("name")

    def change_settings(self, settings: Mapping[str, Any]) -> None:
        """Keep what pages want kept; None forgets a name.

        Args:
            settings: Plain data by name; what is not named stays.

        Raises:
            ParameterInvalid: It is no plain data, or too much (-305).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        with self._changing():
            merged = {key: value for key, value in {**self._saved.settings, **settings}.items() if value is not None}
            try:
                much = len(json.dumps(merged, allow_nan=False)) > _MOST_SETTINGS
            except (TypeError, ValueError, RecursionError):
                much = True
            if much:
                raise ParameterInvalid(
                    say("These settings cannot be kept.", "无法保存这些设置。"),
                    hint=say("Reload the page.", "请刷新页面。"),
                )
            if merged != self._saved.settings:
                self._save(replace(self._saved, settings=merged))
                self._changed("settings")

    # --- what others put onto the disk ---------------------------------------------------------------------------

    def look(self) -> None:
        """Compare with the disk: what was put into the folders comes in, what has vanished leaves."""
        with self._telling(), self._lock:
            if not self._folder.is_dir():  # moved or deleted: whoever asks for the project finds out
                return
            old_saved, old_pictures = self._saved, self._pictures
            self._read_again()
            written, found = self._saved, self._found()
            self._saved = self._saved_for(found)
            self._pictures = self._identified(found)
            if self._saved != written:
                with contextlib.suppress(DiskFull, PathNotWritable):  # known in memory all the same
                    self._save(self._saved)
            self._tell_differences(old_saved, old_pictures)

    def thumb(self, picture_id: str) -> bytes:
        """Return a small upright JPEG of a picture.

        Raises:
            ImageNotFound, ImageUnsupported, ImageDamaged: There is none (-103, -203, -205).
        """
        picture = self.picture(picture_id)
        self._check_here()
        path = self._thumb_path(picture)
        with contextlib.suppress(OSError):
            return path.read_bytes()
        data = intake.thumbnail(image.read(picture.path))
        with contextlib.suppress(DiskFull, PathNotWritable):
            files.write_whole(path, data, durable=False)
        return data

    def write_again(self) -> None:
        """Write the project's file where somebody has removed it."""
        with self._lock:
            if not (self._folder / project_file.NAME).is_file():
                self._save(self._saved)

    def follow_to(self, folder: Path) -> None:
        """Say that somebody has moved the project's folder."""
        with self._lock:
            self._folder = folder
        self.look()

    def tell_deleted(self) -> None:
        """Tell listeners that the project is no more."""
        with self._telling(), self._lock:
            self._changed("deleted")

    # --- within ---------------------------------------------------------------------------------------------------

    @property
    def _pictures_folder(self) -> Path:
        return self._folder / "pictures"

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell listeners what has changed within, when nothing is locked any more."""
        try:
            yield
        finally:
            with self._lock:
                untold, self._untold = self._untold, []
            for change in untold:
                self.channel.tell("changed", {"revision": change.revision})
                for listener in tuple(self.listeners):
                    listener(change)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Lock the project and make sure that it is there; tell listeners afterwards."""
        with self._telling(), self._lock:
            self._check_here()
            yield

    def _changed(self, what: What, pictures: Iterable[Picture] = ()) -> None:
        with self._lock:
            self._revision += 1
            self._untold.append(Change(what, self._revision, tuple(pictures)))

    def _save(self, saved: Saved) -> None:
        files.write_whole(self._folder / project_file.NAME, saved.encoded())
        self._saved, self._stamp = saved, files.stamp_of(self._folder / project_file.NAME)

    def _read_again(self) -> None:
        """Take over what somebody has written into the project's file; what is damaged is written anew."""
        stamp = files.stamp_of(self._folder / project_file.NAME)
        if stamp is None or stamp == self._stamp:
            return
        try:
            saved = project_file.read(self._folder)
        except (project_file.Damaged, DatasetInvalid):
            return
        if saved.id == self.id and saved.kind == self.kind:
            self._saved, self._stamp = saved, stamp

    def _check_here(self) -> None:
        """Make sure that nothing is written where the project is no more: its folder would be there again."""
        if not self._folder.is_dir():
            raise refusals.no_project()

    def _check_place(self, class_id: str) -> None:
        if self.kind == "classify":
            self.class_of(class_id)
        elif class_id:
            raise refusals.no_class()

    def _folder_of(self, class_id: str) -> Path:
        return self._pictures_folder / self.class_of(class_id).folder if class_id else self._pictures_folder

    def _take_in(self, class_id: str, data: bytes, looked_at: Intake) -> Picture:
        with self._lock:
            self._check_here()
            if len(self._pictures) >= refusals.MOST_PICTURES:
                raise refusals.full()
            identifier = new_id(self._next)
            path = self._folder_of(class_id) / f"{identifier}{looked_at.suffix}"
            files.write_whole(path, data, durable=False)
            stamp = files.stamp_of(path) or (len(data), 0)
            picture = Picture(identifier, class_id, path, self._next, stamp)
            self._pictures[identifier] = picture
            self._known_sizes()[identifier] = looked_at.width, looked_at.height
            self._next += 1
        with contextlib.suppress(DiskFull, PathNotWritable):
            files.write_whole(self._thumb_path(picture), looked_at.thumb, durable=False)
        return picture

    def _moved(self, picture: Picture, target: PictureClass) -> Picture:
        path = files.free_name(self._pictures_folder / target.folder / picture.path.name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            files.patiently(partial(picture.path.rename, path))
        except FileNotFoundError as error:
            raise refusals.no_picture() from error
        except OSError as error:
            raise files.not_written(path, error) from error
        moved = replace(picture, class_id=target.id, path=path)
        self._pictures[picture.id] = moved
        if path.stem != picture.id:
            own_names = {key: one for key, one in self._saved.own_names.items() if one != picture.id}
            self._save(replace(self._saved, own_names={**own_names, self._key(path): picture.id}))
        return moved

    def _forget(self, picture: Picture) -> None:
        self._pictures.pop(picture.id, None)
        if self._sizes is not None:
            self._sizes.pop(picture.id, None)
        files.discard(self._thumb_path(picture))

    def _key(self, path: Path) -> str:
        return path.relative_to(self._pictures_folder).as_posix()

    def _thumb_path(self, picture: Picture) -> Path:
        return self.cache / "thumbs" / f"{picture.id}.{picture.stamp[0]}.jpg"

    def _free_class_name(self) -> str:
        taken = {same(one.name) for one in self._saved.classes}
        names = (say(f"Class {number}", f"类别 {number}") for number in range(1, len(taken) + 2))
        return str(next(name for name in names if same(name) not in taken))

    def _made_folder(self, name: str) -> str:
        if self.kind != "classify":
            return ""
        taken = [*disk.class_folders(self._pictures_folder), *(one.folder for one in self._saved.classes)]
        folder = folder_name(name, taken)
        try:
            (self._pictures_folder / folder).mkdir(parents=True)
        except OSError as error:
            raise files.not_written(self._pictures_folder / folder, error) from error
        return folder

    def _renamed_folder(self, old: PictureClass, name: str) -> str:
        """Rename a class's folder, and return its new name; the old one where another program holds it."""
        if not old.folder:
            return ""
        taken = {*disk.class_folders(self._pictures_folder), *(one.folder for one in self._saved.classes)}
        folder = folder_name(name, taken - {old.folder})
        try:
            self._rename(self._pictures_folder / old.folder, self._pictures_folder / folder)
        except PathNotWritable:
            return old.folder
        return folder

    def _rename(self, folder: Path, to: Path) -> None:
        """Rename a folder; one that is missing is made under its new name.

        Raises:
            PathNotWritable: It cannot be (-104).
        """
        try:
            if folder.is_dir():
                files.patiently(partial(folder.rename, to))
            else:
                to.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise refusals.held(folder.name) from error

    def _own_names_in(self, old: str, new: str | None) -> dict[str, str]:
        """Return the ids of pictures by path after a folder was renamed; without those in it where it is gone."""
        if not old or old == new:
            return self._saved.own_names
        start = f"{old}/"
        kept = {key: one for key, one in self._saved.own_names.items() if not key.startswith(start)}
        within = {key: one for key, one in self._saved.own_names.items() if key.startswith(start)}
        return kept if new is None else {**kept, **{f"{new}/{key[len(start) :]}": one for key, one in within.items()}}

    def _place_pictures(self, class_id: str) -> None:
        """Say where the pictures of a class lie, after its folder was renamed."""
        folder = self._folder_of(class_id)
        for picture in self.pictures(class_id):
            inner = picture.path.relative_to(self._pictures_folder).parts[1:]
            self._pictures[picture.id] = replace(picture, path=folder.joinpath(*inner))

    def _found(self) -> dict[str, dict[str, files.Stamp]]:
        """Return the picture files by folder; by "" in a project of kind "find"."""
        self._unread = unread = list[str]()
        if self.kind == "find":
            return {"": disk.picture_files(self._pictures_folder, deep=False, unread=unread)}
        names = disk.class_folders(self._pictures_folder)
        return {name: disk.picture_files(self._pictures_folder / name, unread=unread) for name in names}

    def _saved_for(self, found: Mapping[str, Mapping[str, files.Stamp]]) -> Saved:
        """Return what the file should say, given the folders that are there."""
        if self.kind == "find":
            return self._saved
        by_spelling = {same(folder): folder for folder in found}
        classes = [replace(one, folder=by_spelling.get(same(one.folder), one.folder)) for one in self._saved.classes]
        unknown = [folder for folder in found if folder not in {one.folder for one in classes}]
        missing = [one for one in classes if one.folder not in found]
        if len(unknown) == len(missing) == 1:  # somebody has renamed it
            new = replace(missing[0], folder=unknown[0], name=_shown(unknown[0], classes))
            classes, unknown = [new if one.id == new.id else one for one in classes], []
        for folder in unknown:
            classes.append(PictureClass(new_class_id(), _shown(folder, classes), _free_colour(classes), folder))
        return replace(self._saved, classes=classes)

    def _identified(self, found: Mapping[str, Mapping[str, files.Stamp]]) -> dict[str, Picture]:
        """Return the pictures by id, in their order; what is new gets one. Sets the ids to keep, and the next place."""
        class_of = {one.folder: one.id for one in self._saved.classes if one.folder}
        folders = [""] if self.kind == "find" else [one.folder for one in self._saved.classes if one.folder in found]
        pictures: dict[str, Picture] = {}
        nameless: list[tuple[str, str, files.Stamp]] = []
        for folder in folders:
            for inner, stamp in sorted(found[folder].items()):
                key = f"{folder}/{inner}" if folder else inner
                identifier = self._saved.own_names.get(key) or Path(inner).stem
                order = order_in(identifier)
                if order is None or identifier in pictures:  # not ours, or a copy of one of ours
                    nameless.append((folder, inner, stamp))
                    continue
                path = self._pictures_folder / folder / inner
                pictures[identifier] = Picture(identifier, class_of.get(folder, ""), path, order, stamp)
        own_names = {
            self._key(picture.path): picture.id for picture in pictures.values() if picture.path.stem != picture.id
        }
        self._next = max([self._next, *(picture.order + 1 for picture in pictures.values())])
        lost = {Path(key).name: one for key, one in self._saved.own_names.items() if one not in pictures}
        for folder, inner, stamp in nameless:
            identifier = lost.pop(Path(inner).name, "")  # moved to another folder by hand
            order = order_in(identifier)
            if order is None or identifier in pictures:
                identifier, order = new_id(self._next), self._next
                self._next += 1
            path = self._pictures_folder / folder / inner
            pictures[identifier] = Picture(identifier, class_of.get(folder, ""), path, order, stamp)
            own_names[self._key(path)] = identifier
        if own_names != self._saved.own_names:
            self._saved = replace(self._saved, own_names=own_names)
        return dict(sorted(pictures.items(), key=lambda item: item[1].order))

    def _tell_differences(self, saved: Saved, before: Mapping[str, Picture]) -> None:
        now = self._pictures
        edited = {one for one in now.keys() & before.keys() if now[one].stamp != before[one].stamp}
        gone = [picture for one, picture in before.items() if one not in now or one in edited]
        come = [picture for one, picture in now.items() if one not in before or one in edited]
        moved = [p for one, p in now.items() if one in before and one not in edited and p != before[one]]
        for picture in gone:
            files.discard(self._thumb_path(picture))
            if self._sizes is not None:
                self._sizes.pop(picture.id, None)
        if not self._is_open:
            return
        for what in ("classes", "settings", "name"):
            if getattr(self._saved, what) != getattr(saved, what):
                self._changed(what)
        for what, pictures in (("removed", gone), ("moved", moved), ("added", come)):
            if pictures:
                self._changed(what, pictures)  # type: ignore[arg-type]

    def _known_sizes(self) -> dict[str, tuple[int, int]]:
        """Return the sizes that are known, with those of the last time."""
        if self._sizes is None:
            self._sizes = {}
            with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
                for one, (size, width, height) in json.loads((self.cache / "sizes.json").read_bytes()).items():
                    if one in self._pictures and self._pictures[one].stamp[0] == size:
                        self._sizes[one] = int(width), int(height)
        return self._sizes

    def _keep_sizes(self, sizes: Mapping[str, tuple[int, int]]) -> None:
        with self._lock:
            kept = {one: (self._pictures[one].stamp[0], *size) for one, size in sizes.items() if one in self._pictures}
        with contextlib.suppress(DiskFull, PathNotWritable):
            files.write_whole(self.cache / "sizes.json", json.dumps(kept).encode("ascii"), durable=False)


def _free_colour(classes: Sequence[PictureClass]) -> int:
    """Return the colour that the fewest classes have."""
    used = [one.color for one in classes]
    return min(range(COLOURS), key=lambda color: (used.count(color), color))


def _shown(folder: str, classes: Sequence[PictureClass]) -> str:
    """Return the name of a class that somebody has made as a folder."""
    taken, name, number = {same(one.name) for one in classes}, cleaned(folder[:300], "?"), 2
    shown = name
    while same(shown) in taken:
        shown, number = f"{name} {number}", number + 1
    return shown
