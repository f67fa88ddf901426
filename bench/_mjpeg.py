"""A camera of the network that says, in the pixels of each picture, when it made it: MJPEG over HTTP, on this machine.

    python -m bench._mjpeg 25

Prints its port, and serves until it is ended. ``bench.live`` and its child call it.
"""

from __future__ import annotations

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

_BITS, _BLOCK = 40, 16
_SIZE = (480, _BITS * _BLOCK)


def stamped(milliseconds: int) -> Pixels:
    """A picture, 480×640, whose upper blocks are the bits of a number: black or white, so that JPEG keeps them."""
    picture = np.full((*_SIZE, 3), 90, np.uint8)
    picture[2 * _BLOCK :: 7, ::5] = 200  # something to encode
    for bit in range(_BITS):
        picture[: 2 * _BLOCK, bit * _BLOCK : (bit + 1) * _BLOCK] = 255 * (milliseconds >> bit & 1)
    return picture


def stamp_of(picture: Pixels) -> int:
    """The number that ``stamped`` wrote."""
    middles = picture[_BLOCK, _BLOCK // 2 :: _BLOCK, 0]
    return sum(1 << bit for bit, value in enumerate(middles.tolist()) if value > 127)


def now() -> int:
    """Milliseconds of the clock that all processes of a machine share."""
    return time.monotonic_ns() // 1_000_000


class _Stream(BaseHTTPRequestHandler):
    rate = 25.0

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        due = time.monotonic()
        try:
            while True:
                data = cv2.imencode(".jpg", stamped(now()))[1].tobytes()
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                self.wfile.write(head.encode("ascii") + data + b"\r\n")
                due += 1 / self.rate
                time.sleep(max(0.0, due - time.monotonic()))
        except OSError:
            return  # whoever looked has gone


def main() -> None:
    _Stream.rate = float(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Stream)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
