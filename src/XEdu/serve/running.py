"""Runs a service: in a thread of its own, so that it also runs in a notebook, until somebody ends it."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING

from BaseDT.arguments import check_choice, check_integer, invalid
from BaseDT.errors import ParameterInvalid
from BaseDT.language import in_this_context, say
from XEdu.serve import network
from XEdu.serve.door import Door
from XEdu.serve.guard import LOOPBACK
from XEdu.serve.requirements import require_serve

if TYPE_CHECKING:
    import uvicorn

    from XEdu.serve.answering import Answering

PORT = 1956
MOST_CONNECTIONS = 512
_SHORTEST_PIN, _LONGEST_PIN = 4, 64
_GUESSES = 5
Tell = Callable[[str], None]


class Running:
    """A service that runs.

    Attributes:
        address: Of the page, on this computer: ``http://127.0.0.1:1956``.
        addresses: The same for others in the network; empty where none is let in.
        port: It listens on.
    """

    def __init__(self, server: uvicorn.Server, thread: threading.Thread, port: int, addresses: list[str]) -> None:
        self._server, self._thread = server, thread
        self.port, self.addresses = port, addresses
        self.address = f"http://127.0.0.1:{port}"

    def __repr__(self) -> str:
        return f"Running({self.address!r})" if self.alive else "Running(ended)"

    @property
    def alive(self) -> bool:
        """Whether it still answers."""
        return self._thread.is_alive()

    def wait(self) -> None:
        """Wait until it ends; Ctrl-C, or a notebook's interrupt, ends it."""
        try:
            while self.alive:
                self._thread.join(0.2)
        except KeyboardInterrupt:
            self.stop()

    def stop(self) -> None:
        """End it: requests that are being answered are, within two seconds."""
        self._server.should_exit = True
        with contextlib.suppress(KeyboardInterrupt):  # an impatient second one
            self._thread.join(5)
        if self.alive:
            self._server.force_exit = True
            self._thread.join(5)


def start(
    answering: Answering,
    *,
    port: int = PORT,
    host: str = "127.0.0.1",
    mode: str = "json",
    score: float | str | None = None,
    pin: str | None = None,
    tell: Tell,
) -> Running:
    """Start a service, and return once it answers.

    Args:
        answering: What answers.
        port: To listen on; 0 takes any.
        host: ``127.0.0.1`` for this computer alone, ``0.0.0.0`` for its network.
        mode: ``json`` or ``img``: what ``/upload`` answers with where a request does not say it.
        score: Least score of a box or class; None is the usual one.
        pin: Whoever asks must know it; None lets everybody in who reaches it.
        tell: Called with lines for the user.

    Raises:
        DependencyMissing: The extra ``serve`` is not installed (-502).
        ParameterInvalid: The port is taken, or a value cannot be used (-305).
        XEduError: The model cannot answer.
    """
    require_serve()
    import uvicorn

    from XEdu.serve.service import MODES, Service

    number = check_integer("port", port, least=0, most=65_535)
    mode = check_choice("mode", mode, MODES)
    threshold = answering.checked_threshold("score", score)
    door = None if pin is None else Door(secrets.token_urlsafe(32), _checked_pin(pin), guesses=_GUESSES)
    if not isinstance(host, str) or not host:
        raise invalid("host", host, "'127.0.0.1' or '0.0.0.0'", "'127.0.0.1' 或 '0.0.0.0'")
    open_to_others = host not in LOOPBACK
    listening = network.listen(host, number)
    try:
        answering.warm_up()
        number = listening.getsockname()[1]
        service = Service(answering, mode=mode, threshold=threshold, door=door)
        hosts = {*LOOPBACK, host, *network.own_names()} if open_to_others else LOOPBACK
        config = uvicorn.Config(
            service.application(hosts, any_address=open_to_others),
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            proxy_headers=False,  # no proxy stands before it: an address that a client names is none
            timeout_graceful_shutdown=2,
            limit_concurrency=MOST_CONNECTIONS,
        )
        server = uvicorn.Server(config)
        work = in_this_context(server.run)
        thread = threading.Thread(target=work, kwargs={"sockets": [listening]}, name="mmedu-serve", daemon=True)
        thread.start()
        while not server.started:
            if not thread.is_alive():
                raise _did_not_start()
            time.sleep(0.005)
    except BaseException:
        listening.close()
        raise
    addresses = [f"http://{one}:{number}" for one in network.own_addresses()] if open_to_others else []
    running = Running(server, thread, number, addresses)
    try:
        _announce(running, answering.name, pin is not None, tell)
    except KeyboardInterrupt:  # it answers already: who waits for it finds it ended
        running.stop()
    return running


def open_in_browser(running: Running) -> None:
    """Show the page in the user's browser, where there is one."""
    with contextlib.suppress(Exception):
        webbrowser.open(running.address)


def _announce(running: Running, name: str, has_pin: bool, tell: Tell) -> None:
    tell(say(
        f"{name} answers at {running.address}/upload (POST, field 'files'); {running.address} is a page to try it.",
        f"{name} 服务已启动：{running.address}/upload（POST，字段 files）；在浏览器中打开 {running.address} 即可试用。",
    ))  # fmt: skip
    if not running.addresses:
        tell(say("On this computer only. Ctrl-C ends it.", "仅限本机使用。按 Ctrl-C 结束。"))
        return
    listed = ", ".join(running.addresses)
    tell(say(f"In this network: {listed}", f"同一网络中的地址：{listed}"))
    if has_pin:
        tell(say("Whoever asks must know the PIN. Ctrl-C ends it.", "使用者必须知道 PIN。按 Ctrl-C 结束。"))
    else:
        tell(
            say(
                "There is no password: everybody in this network can use it; pin='4821' asks for one. Ctrl-C ends it.",
                "没有密码：同一网络中的任何人都可以使用；用 pin='4821' 设置 PIN。按 Ctrl-C 结束。",
            )
        )


def _checked_pin(pin: object) -> str:
    if isinstance(pin, str) and _SHORTEST_PIN <= len(pin) <= _LONGEST_PIN and pin.isascii() and pin.isalnum():
        return pin
    # It is not shown: a secret.
    raise ParameterInvalid(
        say("That PIN cannot be used.", "这个 PIN 不能使用。"),
        hint=say(
            "A PIN is a text of 4 to 64 letters and digits: pin='4821'.",
            "PIN 是 4 到 64 个字母或数字的文本：pin='4821'。",
        ),
    )


def _did_not_start() -> ParameterInvalid:
    return ParameterInvalid(
        say("The service ended while it was starting.", "服务在启动时结束了。"),
        hint=say("Choose another port: port=1957.", "请换一个端口：port=1957。"),
    )
