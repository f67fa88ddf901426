"""onnxruntime and OpenVINO report each import to their makers; whoever imports them calls ``forbid`` first.

Without it they write an identity of the device into the home folder and ask the network for a telemetry host.
"""

from __future__ import annotations

import os
import sys


def forbid() -> None:
    """Keep onnxruntime and OpenVINO from reporting, in this process and its children.

    It must come before their first import. Who set ``ORT_DISABLE_TELEMETRY`` for themselves keeps their value.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    # None makes its import fail; OpenVINO then uses a stub of its own that does nothing.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
