"""Runs the studio: a port, a token, the browser, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import threading
import time
import webbrowser
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from BaseDT.errors import ParameterInvalid
from BaseDT.files import check_writable
from BaseDT.folders import data_folder
from BaseDT.language import say
from MMEdu.studio import linear_algebra
from MMEdu.studio.requirements import require_studio
from MMEdu.studio.studio import Studio

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

PORT = 8765
_MORE_PORTS = 20


def run(
    folder: Path,
    *,
    tell: Callable[[str], None],
    host: str = "127.0.0.1",
    port: int | None = None,
    hosts: Iterable[str] = (),
    pin: str | None = None,
    page: str = "",
    open_browser: bool = True,
) -> None:
    """Serve the studio until it is interrupted.

    Args:
        folder: The work folder; made where it is missing.
        tell: Called with lines for the user.
        host: Address to bind to.
        port: To listen on; None takes the first free one from 8765 on.
        hosts: Further names by which the server may be called.
        pin: Opens in place of the token.
        page: Which page the browser opens, e.g. ``train``.
        open_browser: Whether one is opened.

    Raises:
        DependencyMissing: The extra ``studio`` is not installed (-502).
        ParameterInvalid: The port is taken (-305).
        PathNotWritable: The folder cannot be written (-104).
    """
    require_studio()
    linear_algebra.on_one_core()
    from MMEdu.studio.app import make_app
    from XEdu.serve.door import Door
    from XEdu.serve.guard import LOOPBACK

    checked_folder(folder)
    listening = listen(host, port)
    number = listening.getsockname()[1]
    token = kept_token()
    address = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{number}"
    further = {host, *hosts} - LOOPBACK
    studio = Studio(folder, Door(token, pin, cookie=f"mmedu_{number}"), address, shared=bool(further))
    app = make_app(studio, {*LOOPBACK, host, *hosts})
    full = f"{address}/{page}#token={token}"
    tell(say(f"The studio is at {full}", f"studio 已启动：{full}"))
    if studio.shared:
        tell(say("Other computers may ask for it. Ctrl-C ends it.", "其他电脑也可以访问它。按 Ctrl-C 结束。"))
    else:
        tell(say("It is on this computer only. Ctrl-C ends it.", "它只在本机运行。按 Ctrl-C 结束。"))
    try:
        serve_until_ended(app, listening, full if open_browser else None)
    finally:
        studio.close()


def serve_until_ended(app: ASGIApp, listening: socket.socket, page: str | None, certificate: str | None = None) -> None:
    """Answer requests until Ctrl-C, or until the process is asked to end.

    Args:
        app: What answers.
        listening: Where it is asked.
        page: Opened in the browser once it answers; None for none.
        certificate: A file with certificate and key, for HTTPS.
    """
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=60,
        server_header=False,
        lifespan="off",
        proxy_headers=False,  # who is the teacher depends on the address: no client may name one
        ssl_certfile=certificate,
    )
    server = uvicorn.Server(config)
    if page is not None:
        threading.Thread(target=open_when_ready, args=(server, page), daemon=True).start()
    end_in_order(server)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


def end_in_order(server: uvicorn.Server) -> None:
    """Let whoever ends the process, or closes its window, end it as Ctrl-C does: what runs is asked to save."""

    def end(_: int, __: FrameType | None) -> None:
        server.should_exit = True

    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP"):  # the server takes the first only while it serves, and gives it back
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def kept_token() -> str:
    """Return the token of this user, which stays: a page that is open when the server starts again goes on."""
    file = data_folder() / "studio-token"
    try:
        token = file.read_text(encoding="ascii").strip()
        if len(token) >= 32:
            return token
    except (OSError, ValueError):
        pass
    token = secrets.token_urlsafe(32)
    with contextlib.suppress(OSError):  # a home that cannot be written: a new one each time
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # never for a moment anybody else's
        with os.fdopen(descriptor, "wb") as written:
            written.write(token.encode("ascii"))
    return token


def checked_folder(folder: Path) -> None:
    """Make the work folder, and make sure that it can be written.

    Raises:
        PathNotWritable: It cannot (-104).
    """
    check_writable([folder / "mmedu.tmp"])
    folder.mkdir(parents=True, exist_ok=True)


def listen(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens.

    Raises:
        ParameterInvalid: The port is taken, or the address is not this machine's (-305).
    """
    ports = [port] if port is not None else [*range(PORT, PORT + _MORE_PORTS), 0]
    for number in ports:
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        if os.name != "nt":  # there it would let two servers share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, number))
            listening.listen(128)
        except (OSError, OverflowError):
            listening.close()
            continue
        return listening
    raise ParameterInvalid(
        say(f"Nothing can listen on {host}, port {port}.", f"无法在 {host} 的端口 {port} 上监听。"),
        hint=say("Another program may have it: choose another --port.", "可能已被其他程序占用：请换一个 --port。"),
    )


def open_when_ready(server: object, address: str) -> None:
    while not getattr(server, "started", False):
        time.sleep(0.02)
    with contextlib.suppress(Exception):
        webbrowser.open(address)
