"""Files that come in parts: where the network breaks the sender asks how much has arrived, and goes on from there."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from BaseDT.errors import DatasetNotFound, ParameterInvalid
from BaseDT.files import not_written
from BaseDT.language import say
from MMEdu.studio.classroom.files import throw_away
from MMEdu.studio.classroom.names import cleaned, new_id

PART = 4 * 1024 * 1024
"""Bytes that a sender sends at once."""
_AT_ONCE = 3


@dataclass
class Upload:
    """A file that is coming.

    Attributes:
        id: The server's.
        owner: Who sends it; nobody else may add to it or use it.
        name: What its sender calls it: never a path.
        size: Bytes when it is whole.
        received: Bytes so far.
        path: Where they are.
    """

    id: str
    owner: str
    name: str
    size: int
    received: int
    path: Path

    def told(self) -> dict[str, object]:
        """Return what its sender needs."""
        return {"id": self.id, "received": self.received, "size": self.size, "part": PART}


class Uploads:
    """Files on their way. What a server that ended had received is thrown away: senders begin anew.

    Args:
        folder: Where parts lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._coming: dict[str, Upload] = {}
        self._lock = threading.Lock()
        throw_away(folder)

    def begin(self, owner: str, name: str, size: object, largest: int) -> Upload:
        """Expect a file. Of one sender's unfinished ones the oldest give way.

        Raises:
            ParameterInvalid: It is larger than it may be, or empty (-305).
        """
        if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
            raise ParameterInvalid(
                say("This file is empty.", "这个文件是空的。"), hint=say("Choose another.", "请选择其他文件。")
            )
        name = _plain(name)
        if size > largest:
            most = largest // 2**20
            raise ParameterInvalid(
                say(
                    f"{name} has {size // 2**20} MB; {most} MB are the most.",
                    f"{name} 有 {size // 2**20} MB，最多 {most} MB。",
                ),
                hint=say("Send a smaller file.", "请发送小一些的文件。"),
            )
        with self._lock:
            mine = [upload for upload in self._coming.values() if upload.owner == owner]
            for old in mine[: max(0, len(mine) - _AT_ONCE + 1)]:
                self._forget(old)
            identifier = new_id() + new_id()
            upload = Upload(identifier, owner, name, size, 0, self._folder / identifier)
            self._coming[identifier] = upload
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            upload.path.touch()
        except OSError as error:
            raise not_written(upload.path, error) from error
        return upload

    def add(self, owner: str, identifier: str, at: int, data: bytes) -> Upload:
        """Take a part; one that has come already changes nothing.

        Raises:
            ParameterInvalid: It does not follow on what is there (-305).
            DiskFull: There is no room (-803); what has come stays, and the sender may go on.
        """
        upload = self.find(owner, identifier)
        with self._lock:
            if at + len(data) <= upload.received:
                return upload
            if at != upload.received or at + len(data) > upload.size:
                raise ParameterInvalid(
                    say("This part does not follow on the last one.", "这一段与已收到的内容不连续。"),
                    hint=say("Send the file again.", "请重新发送文件。"),
                )
            try:
                with upload.path.open("r+b") as file:
                    file.seek(at)
                    file.write(data)
            except OSError as error:
                raise not_written(upload.path, error) from error
            upload.received += len(data)
        return upload

    def find(self, owner: str, identifier: str) -> Upload:
        """Return a file that is coming.

        Raises:
            DatasetNotFound: There is none: the server was started again, perhaps (-101).
        """
        with self._lock:
            upload = self._coming.get(identifier)
        if upload is None or upload.owner != owner:
            raise DatasetNotFound(
                say("The server does not expect this file any more.", "服务器不再等待这个文件。"),
                hint=say("Send it again.", "请重新发送。"),
            )
        return upload

    def whole(self, owner: str, identifier: str) -> Upload:
        """Return a file that has come whole.

        Raises:
            ParameterInvalid: Some of it is missing (-305).
        """
        upload = self.find(owner, identifier)
        if upload.received < upload.size:
            raise ParameterInvalid(
                say("The file has not come whole.", "文件没有完整到达。"), hint=say("Send it again.", "请重新发送。")
            )
        return upload

    def forget(self, upload: Upload) -> None:
        """Let go of a file, whole or not; where it was moved away that is all."""
        with self._lock:
            self._forget(upload)

    def _forget(self, upload: Upload) -> None:
        self._coming.pop(upload.id, None)
        throw_away(upload.path)


def _plain(name: str) -> str:
    """Return the last part of a name that a browser sent, without what is not seen; the suffix stays at its end."""
    try:
        return cleaned(name.replace("\\", "/").rsplit("/", 1)[-1][-200:], 200)
    except ParameterInvalid:
        return "file"
