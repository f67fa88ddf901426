"""The application of a service: ``POST /upload``, ``GET /info``, ``GET /health``, and the page at ``/``.

``/upload`` takes a form with one or several files in the field ``files``, or one picture as the whole body. It answers
with what ``print_result`` would print, as JSON: of several pictures a list; or with the drawn picture (``mode=img``).
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from BaseDT.arguments import check_choice
from BaseDT.errors import (
    CheckpointInvalid,
    ImageDamaged,
    ImageUnsupported,
    MemoryExhausted,
    ParameterInvalid,
    XEduError,
)
from BaseDT.language import Language, current_language, say
from XEdu.outputs.key_names import checked_language
from XEdu.serve.admission import Admission
from XEdu.serve.answering import Answer, Answering
from XEdu.serve.asking_language import InTheAskersLanguage
from XEdu.serve.clients import programs
from XEdu.serve.door import Door
from XEdu.serve.guard import LARGEST, LOOPBACK, Guard, Refusal
from XEdu.serve.sent_pictures import Picture, pictures_of, size_of
from XEdu.serve.turns import Crowded, Turns

MODES = ("json", "img")
MOST_WAITING, MOST_BYTES = 64, 2 * LARGEST
"""So many may wait for the model at once, with so many bytes of pictures."""
SECONDS_TO_SEND = 30.0
_PAGE = Path(__file__).with_name("page")
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_STATUS: tuple[tuple[type[XEduError], int], ...] = (
    (ImageUnsupported, 415),
    (ImageDamaged, 422),
    (MemoryExhausted, 507),
    (CheckpointInvalid, 500),  # the model's own fault, not that of who asks
    (ParameterInvalid, 400),
)


@dataclass
class Counted:
    """What a service has done so far.

    Attributes:
        answers: Pictures that were answered.
        refused: Requests that were not.
    """

    answers: int = 0
    refused: int = 0
    began: float = field(default_factory=time.monotonic)


class Service:
    """A model behind HTTP.

    Args:
        answering: What answers.
        mode: What ``/upload`` answers with where a request does not say it: ``json`` or ``img``.
        threshold: Least score of a box or class where a request does not say it.
        door: Asks for a PIN; None lets everybody in.
    """

    def __init__(self, answering: Answering, *, mode: str = "json", threshold: float, door: Door | None = None) -> None:
        self.answering, self.mode, self.threshold = answering, mode, threshold
        self.counted = Counted()
        self._admission = None if door is None else Admission(door)
        self._turns = Turns(MOST_WAITING, MOST_BYTES)
        self._one_at_a_time = anyio.CapacityLimiter(1)  # the model has all cores; two at once would only be slower

    def application(self, hosts: Iterable[str] = LOOPBACK, *, any_address: bool = False) -> ASGIApp:
        """Return the application behind its guard; see ``Guard``."""
        app = Starlette(
            routes=[
                Route("/upload", self._upload, methods=["POST"]),
                Route("/info", self._info, methods=["GET"]),
                Route("/health", self._health, methods=["GET"]),
                Route("/", _index, methods=["GET"]),
                Route("/page/{name}", _page_file, methods=["GET"]),
            ],
            exception_handlers={
                XEduError: self._named,
                Refusal: self._refused,
                Crowded: self._crowded,
                HTTPException: self._http,
                Exception: self._unforeseen,
            },
        )
        return InTheAskersLanguage(Guard(app, hosts, header=False, any_address=any_address), _language_of)

    # --- routes -------------------------------------------------------------------------------------------------------

    async def _upload(self, request: Request) -> Response:
        self._admit(request)
        wish = _Wish.of(request.query_params, self)
        async with self._turns.taken(size_of(request)):
            with anyio.move_on_after(SECONDS_TO_SEND) as waited:
                pictures = await pictures_of(request)
            if waited.cancelled_caught:
                raise Refusal(
                    408,
                    "slow",
                    say(
                        f"The picture did not arrive within {SECONDS_TO_SEND:.0f} s: send a smaller one.",
                        f"图片没有在 {SECONDS_TO_SEND:.0f} 秒内传完：请发送较小的图片。",
                    ),
                )
            if wish.draws and len(pictures) > 1:
                raise _too_many_to_draw(len(pictures))
            answers = await anyio.to_thread.run_sync(self._answers, pictures, wish, limiter=self._one_at_a_time)
        self.counted.answers += len(answers)
        return _response(answers, wish)

    def _answers(self, pictures: list[Picture], wish: _Wish) -> list[Answer]:
        """Look at all pictures; the first that cannot be used is an error: a list with holes is no list of results."""
        several = len(pictures) > 1
        return [
            self.answering.answer(
                one.data, one.name, wish.threshold, lang=wish.lang, draw=wish.draws, named=several
            )
            for one in pictures
        ]  # fmt: skip

    async def _info(self, request: Request) -> Response:
        self._admit(request)
        address = f"{request.url.scheme}://{request.headers['host']}"  # the guard has looked at it
        about = {
            **self.answering.about,
            "mode": self.mode,
            "score": self.threshold,
            "pin": self._admission is not None,
            "language": current_language(),
            "programs": [vars(program) for program in programs(address, pin="" if self._admission is None else "PIN")],
        }
        return _json(about)

    async def _health(self, request: Request) -> Response:
        del request
        seconds = time.monotonic() - self.counted.began
        state = {
            "ok": True,
            "answers": self.counted.answers,
            "refused": self.counted.refused,
            "waiting": self._turns.inside,
            "seconds": round(seconds, 1),
        }
        return _json(state)

    def _admit(self, request: Request) -> None:
        if self._admission is not None:
            self._admission.check(request)

    # --- errors -------------------------------------------------------------------------------------------------------

    async def _named(self, request: Request, error: Exception) -> Response:
        del request
        assert isinstance(error, XEduError)
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        told = {"error": type(error).__name__, "code": error.code, "message": error.message, "hint": error.hint}
        return self._error(told, status)

    async def _refused(self, request: Request, error: Exception) -> Response:
        del request
        assert isinstance(error, Refusal)
        return self._error({"error": error.word, "message": error.message}, error.status)

    async def _crowded(self, request: Request, error: Exception) -> Response:
        del request, error
        message = say(
            f"{MOST_WAITING} requests are waiting already: ask again in a second.",
            f"已有 {MOST_WAITING} 个请求在等待：请过一秒再试。",
        )
        return self._error({"error": "crowded", "message": message}, 503, {"retry-after": "1"})

    async def _http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        message = error.detail
        if error.status_code == 404:
            message = say("There is nothing at this address.", "这个地址没有内容。")
        if error.status_code == 405:
            message = say(f"This address does not take {request.method}.", f"这个地址不支持 {request.method}。")
        hint = say(
            "Pictures go to /upload by POST, field 'files'. The page at / tries it and shows programs.",
            "图片请用 POST 发送到 /upload，字段名为 files。打开 / 可以试用并查看示例程序。",
        )
        return self._error({"error": "http", "message": message, "hint": hint}, error.status_code, error.headers)

    async def _unforeseen(self, request: Request, error: Exception) -> Response:
        logging.getLogger("mmedu.serve").error("%s %s", request.method, request.url.path, exc_info=error)
        message = say(
            "That failed in a way that nobody foresaw. The window in which the service runs says more.",
            "发生了意料之外的错误。运行服务的窗口里有详细信息。",
        )
        return self._error({"error": "unforeseen", "message": message}, 500)

    def _error(self, told: dict[str, Any], status: int, headers: Mapping[str, str] | None = None) -> Response:
        self.counted.refused += 1
        # What was not read of the request is not taken for the next one.
        return _json(told, status, {"connection": "close", **(headers or {})})


@dataclass(frozen=True)
class _Wish:
    """What a request asks for besides its pictures."""

    threshold: float
    mode: str
    lang: str

    @property
    def draws(self) -> bool:
        return self.mode == "img"

    @classmethod
    def of(cls, query: Mapping[str, str], service: Service) -> _Wish:
        """Read it.

        Raises:
            ParameterInvalid: A value cannot be used, or a name is unknown (-305).
        """
        known = ("score", "mode", "draw", "lang", "language")
        for name in query:
            check_choice(say("parameter of /upload", "/upload 的参数"), name, known)
        mode = check_choice("mode", query.get("mode", service.mode), MODES)
        if "draw" in query:
            mode = "img" if check_choice("draw", query["draw"], ("0", "1")) == "1" else "json"
        threshold = service.threshold
        if "score" in query:
            threshold = service.answering.checked_threshold("score", _number(query["score"]))
        return cls(threshold, mode, checked_language(query.get("lang", "zh")))


def _language_of(request: Request) -> Language:
    """``language=`` or a browser's ``Accept-Language``; a program that says nothing gets the server's."""
    said = request.query_params.get("language", "")
    if said not in ("en", "zh"):
        said = request.headers.get("accept-language", "").strip().lower()[:2]
        if not said.isalpha():
            return current_language()
    return "zh" if said == "zh" else "en"


async def _index(request: Request) -> Response:
    del request
    return _file("index.html")


async def _page_file(request: Request) -> Response:
    return _file(request.path_params["name"])


def _file(name: str) -> Response:
    path = _PAGE / name
    if path.suffix not in _TYPES or name not in {file.name for file in _PAGE.iterdir()}:
        raise HTTPException(404)
    return Response(path.read_bytes(), media_type=_TYPES[path.suffix], headers={"cache-control": "no-cache"})


def _too_many_to_draw(count: int) -> ParameterInvalid:
    return ParameterInvalid(
        say(f"{count} pictures cannot come back as one.", f"无法把 {count} 张图片作为一张返回。"),
        hint=say("Send one at a time, or ask for mode=json.", "请一次发送一张，或使用 mode=json。"),
    )


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _response(answers: list[Answer], wish: _Wish) -> Response:
    times = [sum(part) for part in zip(*(answer.milliseconds for answer in answers), strict=True)]
    names = ("decode", "model", "draw")
    timing = ", ".join(f"{name};dur={time:.2f}" for name, time in zip(names, times, strict=True))
    headers = {"server-timing": timing, "cache-control": "no-store"}
    if wish.draws:
        headers["x-result"] = quote(answers[0].summary[:_LONGEST_SUMMARY])
        return Response(answers[0].picture, media_type="image/jpeg", headers=headers)
    return _json([answer.words for answer in answers] if len(answers) > 1 else answers[0].words, headers=headers)


_LONGEST_SUMMARY = 300


def _json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Response(
        text.encode("utf-8", "replace"), status, headers=headers, media_type="application/json; charset=utf-8"
    )
