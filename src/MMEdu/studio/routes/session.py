"""Coming in, and what the page needs to know at first."""

from __future__ import annotations

from starlette.responses import Response

from BaseDT.language import current_language, say
from MMEdu import __version__
from MMEdu.requirements import INSTALL_TRAIN, can_train
from MMEdu.studio.asking import Asked, get, json_response, post
from MMEdu.studio.words import words


def come_in(asked: Asked) -> Response:
    """Give the cookie to whoever has the token or the PIN."""
    given, door = asked.json(), asked.studio.door
    if isinstance(token := given.get("token"), str) and door.opens_to_token(token):
        return _admitted(asked)
    if not isinstance(pin := given.get("pin"), str) or not door.takes_pin:
        return _closed("token", say("That is not this studio's address any more: open the one that it printed last.",
                                    "这个地址已失效：请打开 studio 最近一次输出的地址。"))  # fmt: skip
    if (seconds := door.seconds_to_wait()) > 0:
        wait = int(seconds) + 1
        return _closed(
            "wait", say(f"Too many wrong PINs: wait {wait} s.", f"PIN 错误次数过多：请等待 {wait} 秒。"), 429
        )
    if door.opens_to_pin(pin):
        return _admitted(asked)
    return _closed("pin", say("That is not the PIN.", "PIN 不正确。"))


def hello(asked: Asked) -> object:
    """Say whether a PIN is taken, to who is not in yet."""
    return {"pin": asked.studio.door.takes_pin, "language": current_language()}


def state(asked: Asked) -> object:
    """Return what every page shows."""
    return {
        "version": __version__,
        "folder": asked.studio.folder.name,
        "language": current_language(),
        "torch": can_train(),
        "install": INSTALL_TRAIN,
    }


def all_words(asked: Asked) -> object:
    """Return the page's words in the asker's language, by key."""
    del asked
    return words(current_language())


def _admitted(asked: Asked) -> Response:
    response = json_response({"ok": True})
    door = asked.studio.door
    response.set_cookie(door.cookie, door.cookie_value, httponly=True, samesite="strict", max_age=30 * 24 * 3600)
    return response


def _closed(word: str, message: str, status: int = 401) -> Response:
    return json_response({"error": word, "message": message}, status)


ROUTES = [
    post("/api/session", come_in),
    get("/api/hello", hello),
    get("/api/state", state),
    get("/api/words", all_words),
]
