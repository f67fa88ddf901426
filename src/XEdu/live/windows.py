"""A window on the screen: OpenCV's own, or, where OpenCV was built without windows, one of Tk. ``q`` or Esc ends."""

from __future__ import annotations

import cv2
import numpy as np

from BaseDT.display import has_desktop
from BaseDT.image import Pixels

_TITLE = "mmedu camera"
_ESCAPE = 27


class OpenCVWindow:
    """A window of OpenCV.

    Raises:
        cv2.error: This OpenCV has none (``opencv-python-headless``).
    """

    def __init__(self) -> None:
        cv2.namedWindow(_TITLE, cv2.WINDOW_NORMAL)

    def wants(self) -> bool:
        """A window shows all, and lives by it: keys are read when a picture is shown."""
        return True

    def take(self, picture: Pixels, name: str) -> bool:
        """Show a picture."""
        del name
        cv2.imshow(_TITLE, picture)
        key = cv2.waitKey(1) & 0xFF
        return key not in (_ESCAPE, ord("q"), ord("Q")) and cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) >= 1

    def close(self) -> None:
        """Close it."""
        cv2.destroyAllWindows()


class TkWindow:
    """A window of Tk, which most Pythons bring along; pictures larger than the screen are made to fit.

    Raises:
        ImportError: This Python has no Tk.
        RuntimeError: The screen cannot be used.
    """

    def __init__(self) -> None:
        import tkinter

        try:
            self._root = tkinter.Tk()
        except tkinter.TclError as error:
            raise RuntimeError(str(error)) from error
        self._photo_of, self._open = tkinter.PhotoImage, True
        self._root.title(_TITLE)
        self._label = tkinter.Label(self._root)
        self._label.pack()
        self._screen = (self._root.winfo_screenwidth(), self._root.winfo_screenheight())
        for key in ("q", "Q", "<Escape>"):
            self._root.bind(key, self._end)
        self._root.protocol("WM_DELETE_WINDOW", self._end)

    def _end(self, *_: object) -> None:
        self._open = False

    def wants(self) -> bool:
        """As OpenCV's."""
        return True

    def take(self, picture: Pixels, name: str) -> bool:
        """Show a picture."""
        del name
        picture = _fitted(picture, self._screen)
        height, width = picture.shape[:2]
        data = b"P6 %d %d 255\n" % (width, height) + picture[:, :, ::-1].tobytes()
        self._photo = self._photo_of(master=self._root, data=data, format="PPM")  # Tk itself keeps no reference
        self._label.configure(image=self._photo)
        self._root.update()
        return self._open

    def close(self) -> None:
        """Close it."""
        self._root.destroy()


def opened() -> OpenCVWindow | TkWindow | None:
    """Open a window; None where there is no screen, or nothing that opens windows."""
    if not has_desktop():
        return None
    try:
        return OpenCVWindow()
    except cv2.error:
        pass
    try:
        return TkWindow()
    except (ImportError, RuntimeError):
        return None


def _fitted(picture: Pixels, screen: tuple[int, int]) -> Pixels:
    height, width = picture.shape[:2]
    scale = min(screen[0] / width, screen[1] / height)
    if scale >= 1:
        return picture
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
