"""A service's PIN: who asks sends it with each request, in a header, as a small board can."""

from __future__ import annotations

import threading

from starlette.requests import Request

from BaseDT.language import say
from XEdu.serve.door import Door
from XEdu.serve.guard import Refusal

PIN_HEADER = "x-pin"
_MOST_KNOWN = 1000


class Admission:
    """Asks for the PIN. Who has given the right one from an address is not shut out by the guesses of others."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def check(self, request: Request) -> None:
        """Let a request in.

        Raises:
            Refusal: The PIN is missing or wrong, or there were too many wrong ones.
        """
        address = request.client.host if request.client else ""
        pin = request.headers.get(PIN_HEADER)
        if pin is None:
            message = say("A PIN is needed: send it in the header X-PIN.", "需要 PIN：请放在请求头 X-PIN 中。")
            raise Refusal(401, "pin", message)
        if address not in self._known and (seconds := self._door.seconds_to_wait()) > 0:
            wait = int(seconds) + 1
            raise Refusal(
                429, "wait", say(f"Too many wrong PINs: wait {wait} s.", f"PIN 错误次数过多：请等待 {wait} 秒。")
            )
        right = self._door.opens_to_pin(pin, always=address in self._known)
        with self._lock:
            if right and len(self._known) < _MOST_KNOWN:
                self._known.add(address)
            elif not right:
                self._known.discard(address)
        if not right:
            raise Refusal(401, "pin", say("That is not the PIN.", "PIN 不正确。"))
