"""Where serving a model over the network will live (``run_fastapi`` and its kin). Not in this version: each says so."""

from __future__ import annotations

from typing import NoReturn

from BaseDT.errors import DependencyMissing
from BaseDT.language import say


class Serving:
    """The documented ways to serve a model. Each answers with an error until it is built (-502)."""

    def run_fastapi(self, port: int = 1956) -> NoReturn:
        """Serve over HTTP: not in this version (尚未提供)."""
        raise _not_yet("run_fastapi", port)

    def run_pywebio(self, port: int = 1956) -> NoReturn:
        """Serve a web page: not in this version (尚未提供)."""
        raise _not_yet("run_pywebio", port)

    def run_gradio(self, *arguments: object, **options: object) -> NoReturn:
        """Serve a web page: not in this version (尚未提供)."""
        raise _not_yet("run_gradio", arguments, options)

    def run_siot(self, *arguments: object, **options: object) -> NoReturn:
        """Answer over MQTT: not in this version (尚未提供)."""
        raise _not_yet("run_siot", arguments, options)


def _not_yet(name: str, *_: object) -> DependencyMissing:
    return DependencyMissing(
        say(f"{name}() is not part of this version.", f"当前版本不包含 {name}()。"),
        hint=say(
            "Call inference() and print_result() in a web framework of your own.",
            "请在自己的网络程序中调用 inference() 和 print_result()。",
        ),
    )
