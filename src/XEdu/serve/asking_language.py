"""Each request is answered in its asker's language."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from BaseDT.language import Language, use_language


class InTheAskersLanguage:
    """An ASGI application around another one.

    Args:
        app: What is behind it.
        language_of: Which language a request is in.
    """

    def __init__(self, app: ASGIApp, language_of: Callable[[Request], Language]) -> None:
        self._app, self._language_of = app, language_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with use_language(self._language_of(Request(scope))):
            await self._app(scope, receive, send)
