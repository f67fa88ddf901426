"""A pupil's own studio in its teacher's class: the only way in which a studio reaches out, and only when asked to.

It talks from the server's side (the page may ask none but its own), to the address that the pupil typed and to no
other: one in the room (private, link-local or this computer), no proxy, no redirect, no more than so many bytes. With
https the certificate is a teacher's own: that which is seen first is remembered, and another one refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import ipaddress
import json
import re
import socket
import ssl
import threading
from dataclasses import asdict, dataclass, replace
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote, urlsplit

from BaseDT.errors import DatasetNotFound, ParameterInvalid
from BaseDT.files import discard, not_written
from BaseDT.language import current_language, say
from MMEdu.studio.classroom.files import read_json, throw_away, write_json
from MMEdu.studio.classroom.names import new_id
from MMEdu.studio.studio import Studio
from XEdu.serve.guard import Refusal

PORT = 8765
_SECONDS, _LARGEST_ANSWER, LARGEST_FILE = 20.0, 4 * 2**20, 500 * 2**20
_TRIES = 3


@dataclass(frozen=True)
class Place:
    """Where a class is, and who the pupil is there.

    Attributes:
        scheme: ``http`` or ``https``.
        host: As it was typed.
        port: Of the server.
        name: Of the pupil, as the class has it.
        cookie: Name and key, as the server gave them.
        fingerprint: SHA-256 of the certificate that was seen first; empty without https.
    """

    scheme: str
    host: str
    port: int
    name: str = ""
    cookie: str = ""
    fingerprint: str = ""

    @property
    def address(self) -> str:
        """As a person reads it."""
        return f"{self.scheme}://{self.host}:{self.port}"


class ClassLink:
    """The class that a studio has joined, if it has. Remembered on the disk.

    Args:
        studio: Of the pupil.
    """

    def __init__(self, studio: Studio) -> None:
        self._file = studio.folder / ".class.json"
        self._temporary = studio.folder / ".class-fetched"
        self._lock = threading.RLock()
        throw_away(self._temporary)
        try:
            self.place: Place | None = Place(
                **{key: value for key, value in read_json(self._file).items() if key != "format"}
            )
        except TypeError:
            self.place = None

    def join(self, address: str, pin: str, name: str) -> Place:
        """Join a class.

        Raises:
            ParameterInvalid: That is no address in the room (-305).
            DatasetNotFound: No class answers there (-101).
            Refusal: The class does not let one in, and says why.
        """
        place = parsed(address)
        old = self.place
        if old is not None and (old.scheme, old.host, old.port) == (place.scheme, place.host, place.port):
            place = replace(place, fingerprint=old.fingerprint)
        answer, seen = self._ask(place, "POST", "/api/join", {"pin": pin, "name": name})
        told = _json_of(answer.body)
        cookies: SimpleCookie = SimpleCookie()
        with contextlib.suppress(CookieError):
            cookies.load(answer.cookie)
        pair = next((f"{key}={value.value}" for key, value in cookies.items() if key.endswith("_pupil")), "")
        if not pair or not isinstance(told.get("name"), str):
            raise _no_class(place)
        with self._lock:
            self.place = replace(place, name=told["name"], cookie=pair, fingerprint=seen)
            write_json(self._file, {"format": 1, **asdict(self.place)})
            with contextlib.suppress(OSError):
                self._file.chmod(0o600)
            return self.place

    def leave(self) -> None:
        """Forget the class; what was handed in stays there."""
        with self._lock:
            self.place = None
            discard(self._file)

    def get(self, path: str) -> dict[str, Any]:
        """Ask the class for JSON.

        Raises:
            DatasetNotFound: It does not answer (-101).
            Refusal: It does not want to.
        """
        return _json_of(self._ask(self._joined(), "GET", path)[0].body)

    def post(self, path: str, value: dict[str, Any] | bytes) -> dict[str, Any]:
        """Send the class JSON, or bytes; raises as ``get``."""
        return _json_of(self._ask(self._joined(), "POST", path, value)[0].body)

    def fetch(self, item: str) -> Path:
        """Fetch a thing of the shelf into a temporary file, which the caller removes.

        Raises:
            DatasetNotFound: The network broke, or it is not there any more (-101).
            ParameterInvalid: It is larger than 500 MB (-305).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        target = self._temporary / new_id()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                self._ask(self._joined(), "GET", f"/api/shelf/{quote(item, safe='')}", into=file)
        except OSError as error:
            discard(target)
            if isinstance(error, DatasetNotFound):
                raise
            raise not_written(target, error) from error
        except BaseException:
            discard(target)
            raise
        return target

    def send(self, file: Path, name: str) -> str:
        """Send a file in parts; where the network breaks for a moment it goes on. Returns what the class calls it.

        Raises:
            DatasetNotFound: The class does not answer (-101); what has come is kept, one may try again.
            Refusal: The class does not want it.
        """
        size = file.stat().st_size
        begun = self.post("/api/uploads", {"name": name, "size": size})
        identifier, part = str(begun["id"]), int(begun["part"])
        with file.open("rb") as opened:
            at = 0
            while at < size:
                opened.seek(at)
                data = opened.read(part)
                at = self._send_part(identifier, at, data)
        return identifier

    def _send_part(self, identifier: str, at: int, data: bytes) -> int:
        for left in reversed(range(_TRIES)):
            try:
                return int(self.post(f"/api/uploads/{identifier}?at={at}", data)["received"])
            except DatasetNotFound:
                if not left:
                    raise
        raise AssertionError  # the last try has returned, or raised

    def _joined(self) -> Place:
        if self.place is None:
            raise ParameterInvalid(
                say("This studio has joined no class.", "还没有加入课堂。"),
                hint=say("Join one first: address, PIN, name.", "请先填写地址、PIN 和名字加入。"),
            )
        return self.place

    def _ask(
        self,
        place: Place,
        method: str,
        path: str,
        value: dict[str, Any] | bytes | None = None,
        into: BinaryIO | None = None,
    ) -> tuple[_Answer, str]:
        """Ask; returns the answer, and the fingerprint of the certificate."""
        connection = _connection(place)
        headers = {
            "Host": f"{_in_url(place.host)}:{place.port}",
            "X-MMEdu": "studio",
            "X-Language": current_language(),
            "Cookie": place.cookie,
        }
        body = json.dumps(value).encode("ascii") if isinstance(value, dict) else value
        try:
            connection.connect()
            seen = _fingerprint(connection)
            if place.fingerprint and seen != place.fingerprint:
                raise _other_certificate(place)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            if answer.status >= 300:
                raise _refusal(answer.status, answer.read(_LARGEST_ANSWER))
            if into is not None:
                _copy(answer, into)
                return _Answer(b"", ""), seen
            content = answer.read(_LARGEST_ANSWER + 1)
            if len(content) > _LARGEST_ANSWER:
                raise _no_class(place)
            return _Answer(content, answer.headers.get("set-cookie", "")), seen
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, (DatasetNotFound, Refusal)) or (into is not None and _writes(error)):
                raise
            raise _unreachable(place) from error
        finally:
            connection.close()


@dataclass(frozen=True)
class _Answer:
    body: bytes
    cookie: str


def parsed(address: str) -> Place:
    """Read an address as pupils type it: ``192.168.1.20:8765``, with or without ``http://``, with a path behind it.

    Raises:
        ParameterInvalid: It is none (-305).
    """
    text = address.strip().replace("：", ":").replace("。", ".")
    if not re.match(r"(?i)https?://", text):
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or PORT
    except ValueError:
        host, port = "", 0
    bare = "." not in host and ":" not in host and host != "localhost"  # a word: no board shows it without a port
    if not host or (bare and not parts.port) or not re.fullmatch(r"[\w.:-]+", host) or parts.username is not None:
        raise ParameterInvalid(
            say("That is no address of a class.", "这不是课堂的地址。"),
            hint=say(
                "Type it as the board shows it, e.g. 192.168.1.20:8765.", "请照黑板上的输入，例如 192.168.1.20:8765。"
            ),
        )
    return Place(parts.scheme.lower(), host, port)


def in_the_room(address: str) -> bool:
    """Tell whether an IP address is one of a local network, or this computer's."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return (found.is_private or found.is_loopback or found.is_link_local) and not found.is_unspecified


def _connection(place: Place) -> http.client.HTTPConnection:
    """Return a connection to the very address that was looked at: a name is not asked for twice.

    Raises:
        ParameterInvalid: It is not in the room (-305).
        DatasetNotFound: Nobody knows the name (-101).
    """
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _unreachable(place) from error
    addresses = [str(entry[4][0]) for entry in found]
    chosen = next((one for one in addresses if in_the_room(one)), None)
    if chosen is None:
        raise ParameterInvalid(
            say(f"{place.host} is not in this room's network.", f"{place.host} 不在本地网络中。"),
            hint=say("A studio talks to a class in the same network only.", "studio 只连接同一局域网内的课堂。"),
        )
    if place.scheme == "http":
        return http.client.HTTPConnection(chosen, place.port, timeout=_SECONDS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nobody vouches for a teacher's own one: it is remembered instead
    return http.client.HTTPSConnection(chosen, place.port, timeout=_SECONDS, context=context)


def _fingerprint(connection: http.client.HTTPConnection) -> str:
    if not isinstance(connection.sock, ssl.SSLSocket):
        return ""
    return hashlib.sha256(connection.sock.getpeercert(binary_form=True) or b"").hexdigest()


def _copy(answer: http.client.HTTPResponse, into: BinaryIO) -> None:
    """Copy an answer into a file, as much as it said it is.

    Raises:
        ParameterInvalid: It is too large (-305).
        http.client.IncompleteRead: The network broke.
    """
    expected, written = answer.length, 0
    while part := answer.read(2**18):
        written += len(part)
        if written > LARGEST_FILE:
            raise ParameterInvalid(
                say("It is larger than 500 MB.", "文件超过 500 MB。"), hint=say("Ask your teacher.", "请告诉老师。")
            )
        into.write(part)
    if expected is not None and written < expected:
        raise http.client.IncompleteRead(b"", expected - written)


def _writes(error: Exception) -> bool:
    """Tell whether an error is the disk's, not the network's."""
    from BaseDT.files import no_room

    return isinstance(error, OSError) and no_room(error)


def _json_of(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return cast(dict[str, Any], value)
    raise DatasetNotFound(
        say("That server is no class.", "这个服务器不是课堂。"), hint=say("Check the address.", "请检查地址。")
    )


def _refusal(status: int, body: bytes) -> Refusal:
    """Pass on why a class does not want to; what it says of coming in must not look as if this studio said it."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = {}
    told = told if isinstance(told, dict) else {}
    message = " ".join(str(told[key]) for key in ("message", "hint") if told.get(key)) or f"HTTP {status}"
    return Refusal(
        409 if status in (401, 403) or status < 400 else status, str(told.get("error", "class")), message[:1000]
    )


def _unreachable(place: Place) -> DatasetNotFound:
    return DatasetNotFound(
        say(f"The class at {place.address} does not answer.", f"{place.address} 的课堂没有响应。"),
        hint=say(
            "Are you in the same network? Try again: nothing is lost.", "请确认在同一网络中，然后重试：数据没有丢失。"
        ),
    )


def _no_class(place: Place) -> DatasetNotFound:
    return DatasetNotFound(
        say(f"What answers at {place.address} is no class.", f"{place.address} 不是课堂服务器。"),
        hint=say("Check the address.", "请检查地址。"),
    )


def _other_certificate(place: Place) -> DatasetNotFound:
    return DatasetNotFound(
        say(f"{place.address} shows another certificate than at first.", f"{place.address} 的证书与第一次不同。"),
        hint=say(
            "Ask your teacher whether it is new; then leave the class and join it again.",
            "请问老师是否换了证书；确认后退出课堂并重新加入。",
        ),
    )


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
