"""The documented ways to serve a model to others: over HTTP, and as a page to try it. ``DeployedModel`` is one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NoReturn

from BaseDT import terminal
from BaseDT.arguments import checked_flag, documented
from BaseDT.errors import DependencyMissing
from BaseDT.language import say

if TYPE_CHECKING:
    from XEdu.runtime.model import Model
    from XEdu.serve.running import Running

_PORT = 1956


class Serving:
    """A model that can be served."""

    _model: Model

    @documented
    def run_fastapi(
        self,
        port: int = _PORT,
        mode: str = "json",
        score: float | str | None = None,
        *,
        host: str = "127.0.0.1",
        pin: str | None = None,
        block: bool = True,
    ) -> Running | None:
        """Serve the model over HTTP: ``POST /upload``, field ``files`` (启动 HTTP 服务).

        Ctrl-C ends it, in a notebook the button that interrupts. The page at ``/`` tries it and shows what asks it.

        Args:
            port: To listen on.
            mode: ``"json"`` answers with what ``print_result`` prints, ``"img"`` with the drawn picture; a request may
                ask for the other one: ``/upload?mode=img``.
            score: Lowest score as for ``inference``: of a box 0.65 by default, a class is always reported.
            host: ``"127.0.0.1"`` is this computer alone, ``"0.0.0.0"`` its network.
            pin: Whoever asks must send it, in the header ``X-PIN``.
            block: False returns at once; ``stop()`` of what is returned ends the service.

        Raises:
            DependencyMissing: What serves is not installed (-502).
            ParameterInvalid: The port is taken, or a value cannot be used (-305).
            CheckpointInvalid: The model tells nothing of itself: nobody could read its answers (-202).
        """
        return self._serve(port, mode, score, host=host, pin=pin, block=block)

    @documented
    def run_pywebio(self, port: int = _PORT, *, host: str = "127.0.0.1", block: bool = True) -> Running | None:
        """Open a page in the browser that tries the model (打开试用页面).

        It is the page of ``run_fastapi``, which see; PyWebIO is not needed.
        """
        return self._page(port, host=host, block=block)

    @documented
    def run_gradio(self, port: int = _PORT, *, host: str = "127.0.0.1", block: bool = True) -> Running | None:
        """Open a page in the browser that tries the model (打开试用页面).

        It is the page of ``run_fastapi``, which see; Gradio is not needed.
        """
        return self._page(port, host=host, block=block)

    @documented
    def run_siot(self, ip: str | None = None, mode: str = "infer") -> NoReturn:
        """Answer over MQTT: not in this version (尚未提供).

        Raises:
            DependencyMissing: Always (-502); it says what to use instead.
        """
        raise _no_mqtt("run_siot", ip, mode)

    @documented
    def stop_siot(self) -> NoReturn:
        """End ``run_siot``: not in this version (尚未提供).

        Raises:
            DependencyMissing: Always (-502).
        """
        raise _no_mqtt("stop_siot")

    def _page(self, port: int, *, host: str, block: bool) -> Running | None:
        running = self._serve(port, "json", None, host=host, pin=None, block=False)
        assert running is not None
        from XEdu.serve.running import open_in_browser

        threading.Thread(target=open_in_browser, args=(running,), daemon=True).start()
        return _ended(running, block)

    def _serve(
        self, port: int, mode: str, score: float | str | None, *, host: str, pin: str | None, block: bool
    ) -> Running | None:
        waits = checked_flag("block", block)
        from XEdu.serve.answering import of_model
        from XEdu.serve.running import start

        answering = of_model(self._model)
        running = start(answering, port=port, host=host, mode=mode, score=score, pin=pin, tell=terminal.write_line)
        return _ended(running, waits)


def _ended(running: Running, waits: bool) -> Running | None:
    """Wait until it ends, or hand it out."""
    if not waits:
        return running
    running.wait()
    terminal.write_line(say("The service has ended.", "服务已结束。"))
    return None


def _no_mqtt(name: str, *_: object) -> DependencyMissing:
    return DependencyMissing(
        say(f"{name}() speaks MQTT, which this version does not.", f"{name}() 需要 MQTT，当前版本不支持。"),
        hint=say(
            "Use model.run_fastapi(host='0.0.0.0'): boards ask it over HTTP. For MQTT, receive pictures with the "
            "library siot in your own program, and call inference() and print_result() there.",
            "请使用 model.run_fastapi(host='0.0.0.0')，开发板通过 HTTP 提问。如需 MQTT，请在自己的程序中用 siot 库"
            "接收图片，再调用 inference() 和 print_result()。",
        ),
    )
