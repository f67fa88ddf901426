"""``Files``: files of the work folder by identifiers of the server's. No path that a browser sends is ever opened."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

from starlette.exceptions import HTTPException

from MMEdu.studio.studio import Studio

_SIGNATURE = 12
"""Bytes."""


class Files:
    """Gives files identifiers, and finds them again.

    An identifier is the file's path below the work folder, signed: it means the same after a restart, nobody can make
    one, and nothing needs to be remembered.
    """

    def __init__(self, studio: Studio) -> None:
        self._folder, self._key = studio.folder, studio.door.key("files")

    def add(self, path: Path) -> str:
        """Return the identifier of a file in the work folder.

        Raises:
            ValueError: It lies elsewhere.
        """
        name = path.resolve().relative_to(self._folder).as_posix().encode("utf-8", "surrogateescape")
        return base64.urlsafe_b64encode(self._signed(name) + name).decode("ascii").rstrip("=")

    def path(self, identifier: str) -> Path:
        """Return a file that is there.

        Raises:
            HTTPException: 404: there is none of this identifier, or it is gone.
        """
        path = self._folder / self._name_in(identifier)
        try:
            real = path.resolve()
            if real.is_relative_to(self._folder) and real.is_file():  # a link may lead out since
                return real
        except (OSError, ValueError, RuntimeError):
            pass
        raise HTTPException(404)

    def _name_in(self, identifier: str) -> str:
        try:
            data = base64.b64decode(identifier + "=" * (-len(identifier) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise HTTPException(404) from error
        signature, name = data[:_SIGNATURE], data[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._signed(name)):
            raise HTTPException(404)
        return name.decode("utf-8", "surrogateescape")

    def _signed(self, name: bytes) -> bytes:
        return hmac.new(self._key, name, hashlib.sha256).digest()[:_SIGNATURE]
