"""Runs ``mmedu class``: addresses in the room, a PIN, the teacher's page, until Ctrl-C."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path

from BaseDT.errors import ParameterInvalid
from BaseDT.file_lock import FileLock
from BaseDT.language import say
from MMEdu.studio.classroom.addresses import names_of_this_computer, own_addresses
from MMEdu.studio.classroom.files import read_json
from MMEdu.studio.requirements import require_studio
from MMEdu.studio.server import checked_folder, kept_token, listen, serve_until_ended
from MMEdu.studio.studio import Studio

PORT = 8765
_GUESSES = 30
EVERYWHERE = "0.0.0.0"


def run(
    folder: Path,
    *,
    tell: Callable[[str], None],
    pin: str | None = None,
    host: str = EVERYWHERE,
    port: int | None = None,
    https: bool = False,
    open_browser: bool = True,
) -> None:
    """Serve a class until it is interrupted.

    Args:
        folder: Of the class; made where it is missing.
        tell: Called with lines for the teacher.
        pin: Four digits or more; None takes that of last time, or makes one.
        host: Address to bind to: all of this computer's, or one.
        port: To listen on; None takes the first free one from 8765 on.
        https: Whether to encrypt, with a certificate of our own.
        open_browser: Whether the teacher's page is opened.

    Raises:
        DependencyMissing: The extra ``studio`` is not installed, or ``https`` (-502).
        ParameterInvalid: The PIN is none, the port is taken, or another server has the folder (-305).
        PathNotWritable: The folder cannot be written (-104).
    """
    chosen = _chosen_pin(folder, pin)
    require_studio()
    from MMEdu.studio.classroom.app import make_class_app
    from MMEdu.studio.classroom.classroom import Classroom, make_folders
    from MMEdu.studio.classroom.routes.wall import Told, told_of
    from XEdu.serve.door import Door
    from XEdu.serve.guard import LOOPBACK

    checked_folder(folder)
    make_folders(folder)
    addresses = own_addresses() if host in (EVERYWHERE, "::") else [host]
    hosts = {*LOOPBACK, *addresses, *names_of_this_computer()}
    certificate = None
    if https:
        from MMEdu.studio.classroom.certificate import kept_certificate

        certificate = str(kept_certificate(sorted(hosts)))
    listening = listen(host, port)
    try:
        only = _only(folder)
    except ParameterInvalid:
        listening.close()
        raise
    number = listening.getsockname()[1]
    scheme = "https" if https else "http"
    here = f"{scheme}://{'127.0.0.1' if host in (EVERYWHERE, '::') else _in_url(host)}:{number}"
    token = hashlib.sha256(f"class {kept_token()}".encode()).hexdigest()
    studio = Studio(folder, Door(token, chosen, cookie=f"mmedu_class_{number}", guesses=_GUESSES), here)
    studio.room(Classroom).keep_pin(chosen)
    told: Told = studio.room(told_of)
    told.addresses = tuple(f"{scheme}://{_in_url(one)}:{number}" for one in addresses) or (here,)
    told.pin = chosen
    app = make_class_app(studio, hosts, {*addresses})
    full = f"{here}/#token={token}"
    for line in _lines(full, told.addresses, chosen, https):
        tell(line)
    try:
        serve_until_ended(app, listening, full if open_browser else None, certificate)
    finally:
        studio.close()
        only.release()


def _only(folder: Path) -> FileLock:
    """Hold the folder of a class: two servers would judge everything twice, and forget each other's pupils.

    Raises:
        ParameterInvalid: Another one has it (-305).
    """
    lock = FileLock(folder / ".class.lock")
    if lock.take():
        return lock
    raise ParameterInvalid(
        say(f"This class is open already: {folder}", f"这个课堂已经打开：{folder}"),
        hint=say("Go on in its window, or name another folder.", "请使用已打开的窗口，或另选文件夹。"),
    )


def _chosen_pin(folder: Path, given: str | None) -> str:
    """Return the PIN that was given, or that of last time, or a new one.

    Raises:
        ParameterInvalid: What was given is none (-305).
    """
    if given is None:
        kept = str(read_json(folder / "class.json").get("pin") or "")
        return kept if _is_pin(kept) else f"{secrets.randbelow(10**6):06}"
    if _is_pin(given.strip()):
        return given.strip()
    raise ParameterInvalid(
        say("The PIN takes 4 to 12 digits.", "PIN 需要 4 到 12 位数字。"),
        hint=say("For example --pin 4821; without --pin one is made.", "例如 --pin 4821；不写 --pin 会自动生成。"),
    )


def _is_pin(text: str) -> bool:
    return text.isascii() and text.isdigit() and 4 <= len(text) <= 12


def _lines(teacher: str, addresses: tuple[str, ...], pin: str, https: bool) -> list[str]:
    """Return what the terminal shows; the teacher's address is the last line that holds a token."""
    best, *others = addresses
    lines = [
        say(f"The teacher's page, for this computer only: {teacher}", f"教师页面（只能在这台电脑上打开）：{teacher}"),
        "",
        say(f"Tell the class: {best}", f"告诉全班：{best}"),
    ]
    if others:
        listed = "  ".join(others)
        lines.append(say(f"If that does not open: {listed}", f"如果打不开，请试：{listed}"))
    lines += ["", *large(pin), ""]
    if https:
        lines.append(
            say(
                "Each browser warns once that it does not know the certificate: choose to go on. It is your own.",
                "浏览器会警告一次证书不受信任：请选择继续访问。证书是这台电脑自己生成的。",
            )
        )
    lines.append(say("Everybody in this network can reach it who has the PIN. Ctrl-C ends it; everything is kept.",
                     "同一网络中知道 PIN 的人都能访问。按 Ctrl-C 结束，所有内容都会保留。"))  # fmt: skip
    return lines


_DIGITS = {
    "0": "### # # # # # # ###", "1": " #  ##   #   #  ###", "2": "###   # ### #   ###", "3": "###   # ###   # ###",
    "4": "# # # # ###   #   #", "5": "### #   ###   # ###", "6": "### #   ### # # ###", "7": "###   #   #   #   #",
    "8": "### # # ### # # ###", "9": "### # # ###   # ###",
}  # fmt: skip


def large(pin: str) -> list[str]:
    """Return a PIN in digits five lines high, for those in the last row."""
    return ["PIN", *("   ".join(_DIGITS[digit][row * 4 : row * 4 + 3].ljust(3) for digit in pin) for row in range(5))]


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
