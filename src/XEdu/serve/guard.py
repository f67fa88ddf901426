"""The guard at a server's door: who may ask, from which page, how much; and what browsers are told of every answer.

Pure ASGI, so that it holds for every route behind it. Nothing of a request is read before it has passed.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from BaseDT.language import say

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LARGEST = 20 * 1024 * 1024
"""Bytes of a request."""
HEADER = "x-mmedu"
"""A page of another origin cannot send a header of its own without being allowed to."""
_TOO_LARGE = "too_large"
_DRAINED, _PATIENCE = 4, 5.0
"""Of a request that is too large so many times what is allowed is waited for, and so many seconds."""
_SAFE = ("GET", "HEAD", "OPTIONS")
_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_TOLD = (
    (b"content-security-policy", _POLICY.encode()),
    (b"permissions-policy", b"camera=(self)"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


@dataclass
class Refusal(Exception):
    """A request that does not pass: status, a word for programs, a sentence for people."""

    status: int
    word: str
    message: str


class Guard:
    """An ASGI application around another one.

    Args:
        app: What is behind it.
        hosts: Names and addresses, without port, by which this server may be called: a page of another name that
            resolves to this machine (DNS rebinding) has its own name in ``Host``.
        header: Whether what changes something needs a header of ours.
        largest: Bytes of a request.
        any_address: Whether every IP address will do as well: who rebinds a name has a name. For a server in a network,
            where the machine's own address may change.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str] = LOOPBACK,
        *,
        header: bool = True,
        largest: int = LARGEST,
        any_address: bool = False,
    ) -> None:
        self._app, self._hosts = app, frozenset(host.lower() for host in hosts)
        self._header, self._largest, self._any_address = header, largest, any_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no web sockets here
            await send({"type": "websocket.close", "code": 1008})
            return
        answer = _Answer(send)
        body = _Body(receive, self._largest, answer)
        try:
            self._check(scope)
            await self._app(scope, body.receive, answer.send)
        except Refusal as refusal:
            answer.refusal = refusal
        finally:
            if answer.refusal is not None and answer.refusal.word == _TOO_LARGE:
                await body.drain()
            await answer.finish()

    def _check(self, scope: Scope) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        name = _name_of(f"//{host}")
        if name not in self._hosts and not (self._any_address and _is_address(name)):
            raise _refused(
                403,
                "host",
                "This server does not answer to that name: open the address that it printed.",
                "服务器不接受这个主机名：请打开它输出的地址。",
            )
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            raise _refused(
                403, "origin", "Another web page may not ask this server.", "其他网页不能向本服务器发送请求。"
            )
        site, mode = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-mode", "navigate")
        is_link = mode == "navigate" and scope["method"] in _SAFE
        if site not in ("same-origin", "none") and not is_link:  # a picture of ours in another page: it has no Origin
            raise _refused(
                403, "origin", "Another web page may not ask this server.", "其他网页不能向本服务器发送请求。"
            )
        if self._header and scope["method"] not in _SAFE and HEADER not in headers:
            raise _refused(
                403, "header", f"A change needs the header {HEADER}.", f"修改数据的请求必须带有 {HEADER} 请求头。"
            )
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            raise _refused(400, "length", "Content-Length is no number.", "Content-Length 不是数字。")
        if int(length) > self._largest:
            raise _too_large(self._largest)


class _Body:
    """What comes of a request, and no more of it than is allowed: it need not say its length."""

    def __init__(self, receive: Receive, largest: int, answer: _Answer) -> None:
        self._receive, self._largest, self._answer = receive, largest, answer
        self._received, self._whole = 0, False

    async def receive(self) -> Message:
        """Return the next part.

        Raises:
            Refusal: It is more than is allowed.
        """
        message = await self._next()
        if self._received > self._largest:
            self._answer.refusal = _too_large(self._largest)
            raise self._answer.refusal
        return message

    async def drain(self) -> None:
        """Let what is on its way come, for a while: who is cut off while sending does not read why."""
        with anyio.move_on_after(_PATIENCE):
            while not self._whole and self._received < _DRAINED * self._largest:
                await self._next()

    async def _next(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        return message


class _Answer:
    """What is sent back, with the headers that every answer has."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._started = False
        self.refusal: Refusal | None = None

    async def send(self, message: Message) -> None:
        """Send a part of an answer; nothing of what an application says of a request that was refused meanwhile."""
        if self.refusal is not None and not self._started:
            return
        if message["type"] == "http.response.start":
            self._started = True
            own = {name.lower() for name, _ in message.get("headers", ())}
            told = [(name, value) for name, value in _TOLD if name not in own]
            message = {**message, "headers": [*message.get("headers", ()), *told]}
        await self._send(message)

    async def finish(self) -> None:
        """Answer with the refusal, as JSON, where there is one and nothing else was answered."""
        refusal, self.refusal = self.refusal, None
        if refusal is None or self._started:
            return
        body = json.dumps({"error": refusal.word, "message": refusal.message}, ensure_ascii=False).encode()
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),  # what was not read of the request is not taken for the next one
        ]
        await self.send({"type": "http.response.start", "status": refusal.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _too_large(largest: int) -> Refusal:
    most = largest // (1024 * 1024)
    return _refused(
        413,
        _TOO_LARGE,
        f"More than {most} MB at once: send smaller files, unpack a zip; instead of a film use the camera.",
        f"一次最多 {most} MB：请缩小文件，压缩包先解压；视频不能用，请改用摄像头。",
    )


def _refused(status: int, word: str, en: str, zh: str) -> Refusal:
    return Refusal(status, word, say(en, zh))


def _name_of(address: str) -> str:
    """Return the host's name in an address, without port; empty where it is none."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:  # half an IPv6 address
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
