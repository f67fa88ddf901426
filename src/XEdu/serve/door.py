"""Who may come in: by a token that only this machine's user sees, or by a PIN; then by a cookie.

All comparisons take the same time whatever is right of the guess; guesses of a PIN are limited.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections import deque

_GUESSES, _SECONDS = 5, 60.0
"""So many wrong PINs from everybody in so many seconds: a network address costs nothing."""


class Door:
    """Checks tokens, PINs and cookies.

    Args:
        token: What the page's address holds.
        pin: What may be typed instead; None where only the token opens.
        cookie: Name of the cookie. Cookies do not know ports: two servers on a machine need two names.
        guesses: So many wrong PINs in a minute; then none is looked at for a while.
    """

    def __init__(self, token: str, pin: str | None = None, *, cookie: str = "mmedu", guesses: int = _GUESSES) -> None:
        self.cookie, self._guesses = cookie, guesses
        self._token, self._pin = token.encode(), None if pin is None else pin.encode()
        self._wrong: deque[float] = deque()
        self._lock = threading.Lock()

    @property
    def takes_pin(self) -> bool:
        """Whether a PIN opens."""
        return self._pin is not None

    @property
    def cookie_value(self) -> str:
        """What a browser that came in is given; the token cannot be made of it."""
        return hmac.new(self._token, b"cookie", hashlib.sha256).hexdigest()

    def key(self, purpose: str) -> bytes:
        """Return a key for something else; it stays as long as the token, and neither can be made of the other."""
        return hmac.new(self._token, f"key:{purpose}".encode(), hashlib.sha256).digest()

    def knows(self, cookie: str | None) -> bool:
        """Tell whether a browser has come in before."""
        return cookie is not None and hmac.compare_digest(cookie.encode("utf-8", "replace"), self.cookie_value.encode())

    def opens_to_token(self, token: str) -> bool:
        """Tell whether a token is the right one."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._token)

    def opens_to_pin(self, pin: str, *, always: bool = False) -> bool:
        """Tell whether a PIN is the right one; a wrong one counts.

        Args:
            pin: What was typed.
            always: Look at it also where there were too many wrong ones: of somebody who knew it before.
        """
        if self._pin is None:
            return False
        with self._lock:  # of many guesses at once no more are looked at than one after another
            if not always and self._wait(time.monotonic()) > 0:
                return False
            right = hmac.compare_digest(pin.strip().encode("utf-8", "replace"), self._pin)
            if not right:
                self._wrong.append(time.monotonic())
            return right

    def seconds_to_wait(self) -> float:
        """Return how long no PIN is looked at; 0 where one may be tried."""
        with self._lock:
            return self._wait(time.monotonic())

    def _wait(self, now: float) -> float:
        while self._wrong and now - self._wrong[0] > _SECONDS:
            self._wrong.popleft()
        return _SECONDS - (now - self._wrong[0]) if len(self._wrong) >= self._guesses else 0.0
