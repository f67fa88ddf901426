"""The pictures of a request: files of a form, or the whole body. What is sent otherwise is told how to."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from BaseDT.errors import ParameterInvalid
from BaseDT.escaping import one_line
from BaseDT.language import say
from XEdu.serve.guard import LARGEST, Refusal

MOST_PICTURES = 16
"""Of one request."""


@dataclass(frozen=True)
class Picture:
    """What came with a request; its name is the sender's, and only shown."""

    name: str
    data: bytes


def size_of(request: Request) -> int:
    """Return how large the body may be; the guard holds it to that."""
    said = request.headers.get("content-length", "")
    return min(int(said), LARGEST) if said.isdigit() else LARGEST


async def pictures_of(request: Request) -> list[Picture]:
    """Read the pictures of a request.

    Raises:
        ParameterInvalid: There is none, or not where it is looked for (-305).
    """
    try:
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            return await _pictures_of_form(request)
        body = await request.body()
    except ClientDisconnect as error:
        raise Refusal(400, "gone", say("The request ended early.", "请求中途断开。")) from error
    if not body:
        raise _no_picture(say("The request is empty.", "请求是空的。"))
    return [Picture(say("the picture", "该图片"), body)]


async def _pictures_of_form(request: Request) -> list[Picture]:
    pictures: list[Picture] = []
    others: list[str] = []
    texts: list[str] = []
    try:
        async with request.form(max_files=MOST_PICTURES, max_fields=MOST_PICTURES) as form:
            for name, value in form.multi_items():
                if not isinstance(value, UploadFile):
                    texts.append(name)
                elif name == "files":
                    pictures.append(Picture(_shown(value.filename), await value.read()))
                else:
                    others.append(name)
    except HTTPException as error:
        raise _bad_form(error.detail) from error
    if others:
        named = one_line(others[0])
        raise _no_picture(say(f"The picture came in the field '{named}'.", f"图片放在了字段“{named}”中。"))
    if "files" in texts:
        raise ParameterInvalid(
            say("The field 'files' holds a text, not a file.", "字段 files 中是文本，不是文件。"),
            hint=say(
                "Send a file: files={'files': open('photo.jpg', 'rb')}, or curl -F files=@photo.jpg (with the @).",
                "请发送文件：files={'files': open('photo.jpg', 'rb')}，或 curl -F files=@photo.jpg（注意 @）。",
            ),
        )
    if not pictures:
        raise _no_picture(say("The form holds no picture.", "表单中没有图片。"))
    return pictures


def _bad_form(detail: str) -> ParameterInvalid:
    if detail.startswith("Too many"):
        return ParameterInvalid(
            say(f"That is more than {MOST_PICTURES} pictures at once.", f"一次发送的图片超过 {MOST_PICTURES} 张。"),
            hint=say("Send them in several requests.", "请分几次发送。"),
        )
    return ParameterInvalid(
        say(f"The form cannot be read: {detail}", f"无法读取表单：{detail}"),
        hint=say(
            "Let the library write the header Content-Type of a form, or send the picture as the whole body.",
            "请让库自动生成表单的 Content-Type，或直接把图片作为请求体发送。",
        ),
    )


def _no_picture(message: str) -> ParameterInvalid:
    hint = say(
        "The name of the field is 'files': requests.post(url, files={'files': open('photo.jpg', 'rb')}).",
        "字段名应为 files：requests.post(url, files={'files': open('photo.jpg', 'rb')})。",
    )
    return ParameterInvalid(message, hint=hint)


def _shown(name: str | None) -> str:
    """Return a sender's name for a file, short, in one line, without its folders."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return one_line(last)[:100] or say("the picture", "该图片")
