"""``Classroom``: everything of one class, on the disk and alive. Routes ask it; what changes is told to all pages."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from BaseDT.errors import DatasetNotFound, ParameterInvalid, XEduError
from BaseDT.files import free_name, write_whole
from BaseDT.language import current_language, say, use_language
from MMEdu.studio.classroom import names
from MMEdu.studio.classroom.files import move, read_json, throw_away, write_json
from MMEdu.studio.classroom.judging import Failed, JudgeProcess
from MMEdu.studio.classroom.packed_projects import LARGEST_MODEL, unpack_model
from MMEdu.studio.classroom.photos import Photos
from MMEdu.studio.classroom.pupils import MODEL, HandIn, Pupil, Pupils
from MMEdu.studio.classroom.shelf import Shelf
from MMEdu.studio.classroom.uploads import Upload, Uploads
from MMEdu.studio.live import Channel
from MMEdu.studio.projects.names import folder_name
from MMEdu.studio.studio import Studio

LARGEST_HAND_IN = LARGEST_MODEL
_MOST_CLASSES = 200
_FILE = "class.json"


class Classroom:
    """A class in its folder.

    Args:
        studio: Whose work folder is that of the class.
    """

    def __init__(self, studio: Studio) -> None:
        self.folder = studio.folder
        hidden_files = self.folder / ".temporary"
        self.channel = Channel(100)
        self.pupils = Pupils(self.folder / "pupils")
        self.shelf = Shelf(self.folder / "shelf", self.folder / "wheels", hidden_files / "packed")
        self.uploads = Uploads(hidden_files / "uploads")
        self.photos = Photos(self.folder / "photos")
        self.problem = ""  # what the teacher must know, in a sentence
        self._judge = JudgeProcess(self.folder / ".judging.log")
        about = read_json(self.folder / _FILE)
        self.open = bool(about.get("open", True))
        self.show_mistakes = bool(about.get("show_mistakes", False))
        self.test: dict[str, Any] | None = about.get("test") if isinstance(about.get("test"), dict) else None
        self._lock = threading.RLock()
        self._work = threading.Condition()
        self._over = False
        self._judged: HandIn | None = None
        self._thread = threading.Thread(target=self._judge_all, daemon=True, name="judge")
        self._thread.start()

    def close(self) -> None:
        """End the judge. What waits is judged when the class opens again."""
        with self._work:
            self._over = True
            self._work.notify_all()
        self._judge.close()
        self._thread.join(10)

    def changed(self) -> None:
        """Tell every page that there is something new."""
        self.channel.tell("changed", {})

    def set(self, *, open: bool | None = None, show_mistakes: bool | None = None) -> None:
        """Open or close the hand-in; show pictures of the hidden set on the wall, or do not."""
        with self._lock:
            self.open = self.open if open is None else open
            self.show_mistakes = self.show_mistakes if show_mistakes is None else show_mistakes
            self._save()
        self.changed()

    def choose_test(self, folder: Path, *, name: str = "") -> None:
        """Judge all hand-ins on the pictures of a folder, which nobody but the teacher reads.

        Raises:
            DatasetNotFound: There is no such folder (-101).
            DatasetInvalid: It has no labelled pictures (-201).
            ParameterInvalid: It lies on the shelf (-305).
        """
        try:
            folder = folder.expanduser().resolve(strict=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise DatasetNotFound(
                say(f"There is nothing at {folder}.", f"{folder} 不存在。"),
                hint=say("Copy the folder's path from the file manager.", "请从文件管理器复制文件夹的路径。"),
            ) from error
        if folder.is_relative_to((self.folder / "shelf").resolve()):
            raise ParameterInvalid(
                say("That set lies on the shelf: everybody can read it.", "这个数据集在共享架上，所有人都能看到。"),
                hint=say("Choose another one, or take it off the shelf.", "请另选一个，或先把它从共享架上取下。"),
            )
        described = self._judge.describe(folder)
        with self._lock:
            self.problem = ""
            self.test = {"id": names.new_id(), "path": str(folder), "name": name or folder.name, **described}
            self._save()
        self._look_for_work()

    def test_from_photos(self) -> None:
        """Take the photographs over as the hidden set.

        Raises:
            ParameterInvalid: There are none (-305).
            DatasetInvalid: They cannot be judged with (-201).
        """
        name = self.photos.name
        target = free_name(self.folder / "hidden" / folder_name(name))
        self.choose_test(move(self.photos.taken(), target), name=name)

    def test_from_upload(self, upload: Upload) -> None:
        """Unpack a zip as the hidden set.

        Raises:
            DatasetInvalid: It is no zip of labelled pictures (-201).
        """
        from MMEdu.studio.classroom.packed_sets import unpack_set

        target = free_name(self.folder / "hidden" / folder_name(Path(upload.name).stem))
        folder = unpack_set(upload.path, target, upload.name)
        self.uploads.forget(upload)
        try:
            self.choose_test(folder, name=Path(upload.name).stem)
        except XEduError:
            throw_away(target)
            raise

    def no_test(self) -> None:
        """Judge no more."""
        with self._lock:
            self.test = None
            self._save()
        self.changed()

    def hand_in(self, pupil: Pupil, upload: Upload, pictures: object, classes: object) -> HandIn:
        """Keep what a pupil hands in, and judge it when its turn has come.

        Args:
            pupil: Whose it is.
            upload: A model (``.onnx``), or a project (``.zip``) with one.
            pictures: How many it learned from, as the pupil's studio says.
            classes: Their names.

        Raises:
            ParameterInvalid: The hand-in is closed, or the file is neither (-305).
            CheckpointInvalid: The project holds no model (-202).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        if not self.open:
            raise ParameterInvalid(
                say("Nothing is taken in at the moment.", "现在不能提交。"),
                hint=say("Ask your teacher to open the hand-in.", "请让老师打开提交。"),
            )
        kind = next((suffix for suffix in (".onnx", ".zip") if upload.name.lower().endswith(suffix)), "")
        if not kind:
            raise ParameterInvalid(
                say(f"{upload.name} is neither a model (.onnx) nor a project (.zip).",
                    f"{upload.name} 既不是模型（.onnx），也不是项目（.zip）。"),
                hint=say("Take the model away as ONNX, and hand in that file.", "请把模型导出为 ONNX，再提交该文件。"),
            )  # fmt: skip
        said = classes if isinstance(classes, list) else []
        named = [str(name)[:100] for name in said[:_MOST_CLASSES]]
        count = pictures if isinstance(pictures, int) and 0 <= pictures < 10**6 else 0
        hand_in = self.pupils.new_hand_in(pupil, upload.name[:100], int(count), named, current_language())
        try:
            if kind == ".zip":
                counted = unpack_model(upload.path, hand_in.folder / MODEL)
                hand_in.pictures = hand_in.pictures or counted
                move(upload.path, hand_in.folder / "project.zip")
            else:
                move(upload.path, hand_in.folder / MODEL)
        except XEduError:
            throw_away(hand_in.folder)
            raise
        self.uploads.forget(upload)
        self.pupils.add(pupil, hand_in)
        self._look_for_work()
        return hand_in

    def put_on_shelf(self, source: Path) -> None:
        """Copy a file or folder of this computer onto the shelf; the hidden set is not let out so.

        Raises:
            ParameterInvalid: It holds the hidden set (-305).
            DatasetNotFound, DiskFull, PathNotWritable: As ``Shelf.put``.
        """
        if self.test and Path(self.test["path"]).is_relative_to(source.expanduser().resolve()):
            raise ParameterInvalid(
                say("The hidden test set lies in that folder.", "隐藏测试集就在这个文件夹里。"),
                hint=say("Choose a folder without it.", "请选择不含测试集的文件夹。"),
            )
        self.shelf.put(source)
        self.changed()

    def photos_to_shelf(self) -> None:
        """Take the photographs over as a set on the shelf.

        Raises:
            ParameterInvalid: There are none (-305).
        """
        name = self.photos.name
        self.shelf.take_folder(self.photos.taken(), name)
        self.changed()

    def waiting(self) -> list[HandIn]:
        """Return the hand-ins that are to be judged, in their order."""
        if self.test is None:
            return []
        test = self.test["id"]
        hand_ins = [one for pupil in self.pupils.all() for one in pupil.hand_ins]
        # The latest of an older test first: a new hand-in does not wait until all of them are judged anew.
        return sorted(
            (one for one in hand_ins if (one.result or {}).get("test") != test),
            key=lambda one: (one.result is not None, one.when),
        )

    def state_of(self, hand_in: HandIn) -> str:
        """Return ``kept`` (there is no test set), ``waiting``, ``judging``, ``done`` or ``failed``."""
        if self.test is None:
            return "kept"
        if hand_in is self._judged:
            return "judging"
        if hand_in.result is None or hand_in.result.get("test") != self.test["id"]:
            return "waiting"
        return "failed" if "message" in hand_in.result else "done"

    def mistake(self, pupil: Pupil, number: int) -> Path:
        """Return the picture of a mistake of a pupil's best model.

        Raises:
            DatasetNotFound: There is none (-101).
        """
        best = pupil.best(self.test["id"]) if self.test else None
        mistakes = (best.result or {}).get("mistakes", []) if best else []
        if self.test and 0 <= number < len(mistakes):
            path = Path(mistakes[number]["file"]).resolve()
            if path.is_relative_to(Path(self.test["path"])) and path.is_file():
                return path
        raise DatasetNotFound(
            say("This picture is not there any more.", "这张图片已经不在了。"),
            hint=say("Reload the page.", "请刷新页面。"),
        )

    def kept_pin(self) -> str:
        """Return the PIN of last time; empty where there was none."""
        pin = read_json(self.folder / _FILE).get("pin")
        return pin if isinstance(pin, str) else ""

    def keep_pin(self, pin: str) -> None:
        """Remember the PIN, so that a server that is started again lets the same pupils in."""
        self._pin = pin
        self._save()

    def remove_pupils(self, pupils: Iterable[Pupil]) -> None:
        """Remove pupils with all that they handed in."""
        for pupil in pupils:
            self.pupils.remove(pupil)
        self.changed()

    def _save(self) -> None:
        pin = getattr(self, "_pin", None) or self.kept_pin()
        about = {"open": self.open, "show_mistakes": self.show_mistakes, "test": self.test, "pin": pin}
        write_json(self.folder / _FILE, {"format": 1, **about})

    def _look_for_work(self) -> None:
        with self._work:
            self._work.notify_all()
        self.changed()

    def _judge_all(self) -> None:
        while not self._over:
            todo = self.waiting()
            if not todo or self.test is None:
                with self._work:
                    if not self._over:
                        self._work.wait(5.0)
                continue
            hand_in, test = todo[0], self.test
            if not Path(test["path"]).is_dir():
                self.problem = say(f"The test set is gone: {test['path']}", f"测试集不见了：{test['path']}")
                self.no_test()
                continue
            self._judged, hand_in.progress = hand_in, (0, 0)
            self.changed()
            try:
                result = self._result(hand_in, test)
                if not self._over and hand_in.folder.is_dir():
                    hand_in.set_result({"test": test["id"], **result})
            except XEduError as error:  # the disk is full: it is known until the server ends
                hand_in.result = {"test": test["id"], "message": error.message, "hint": error.hint}
                logging.getLogger("mmedu.class").warning("%s", error.message)
            self._judged = None
            self.changed()

    def _result(self, hand_in: HandIn, test: dict[str, Any]) -> dict[str, Any]:
        job = {
            "judge": str(hand_in.folder / MODEL),
            "data": test["path"],
            "report": str(hand_in.folder / "evaluation.json"),
            "language": hand_in.language if hand_in.language in ("en", "zh") else "zh",
        }
        last = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal last
            hand_in.progress = (done, total)
            if time.monotonic() - last > 0.5:
                last = time.monotonic()
                self.changed()

        try:
            with use_language("zh" if job["language"] == "zh" else "en"):
                return self._judge.ask(job, progress)
        except Failed as failure:  # pupils read it: where things lie on this computer is none of their business
            inner = ((f"{hand_in.folder}{os.sep}", ""), (str(hand_in.folder), ""), (test["path"], test["name"]))
            message, hint = failure.message, failure.hint
            for place, name in inner:
                message, hint = message.replace(place, name), hint.replace(place, name)
            return {"message": message, "hint": hint}


def put_wheel_or_file(classroom: Classroom, upload: Upload) -> None:
    """Put a file that has come onto the shelf."""
    classroom.shelf.take(upload)
    classroom.uploads.forget(upload)
    classroom.changed()


def make_folders(folder: Path) -> None:
    """Make the places that a teacher may fill by hand, with a line that says what they are for."""
    for name, text in (
        ("shelf", say("What lies here is handed out to the class.", "放在这里的内容会分发给全班。")),
        (
            "wheels",
            say(
                "Wheels for pip install --no-index --find-links.",
                "供 pip install --no-index --find-links 使用的 wheel。",
            ),
        ),
    ):
        place = folder / name
        if not place.is_dir():
            write_whole(place / ".what is this.txt", f"{text}\n".encode())
