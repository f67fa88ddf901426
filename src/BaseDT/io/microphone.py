"""``MicroPhone``: records sound into a file. The package ``sounddevice`` is imported when it records."""

from __future__ import annotations

import io
import wave
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import PathLike, check_number, checked_path, documented, invalid
from BaseDT.errors import DependencyMissing, DeviceUnavailable
from BaseDT.files import write_whole
from BaseDT.language import english, say

INSTALL = 'pip install "mmedu[audio]"'
"""The command that brings what recording needs."""

RATE = 16_000
"""Samples per second of what is written: what speech models take."""

Samples = npt.NDArray[np.int16]

_LONGEST = 3600


class MicroPhone:
    """Records sound. 麦克风：录音。"""

    @documented
    def __init__(self, device: int | str | None = None) -> None:
        """Choose a microphone.

        Args:
            device: Its number, or a part of its name; None is the one that the system has chosen.

        Raises:
            ParameterInvalid: This is neither (-305).
        """
        if device is not None and (isinstance(device, bool) or not isinstance(device, (int, str))):
            raise invalid("device", device, "the number of a microphone, or its name", "麦克风的编号或名称")
        self.device = device

    @documented
    def record_audio(self, time: float = 2, path: PathLike = "audio.wav") -> Path:
        """Record, and write a WAV file: mono, 16 kHz, 16 bits (录音并保存为 WAV 文件). Returns when it is done.

        Args:
            time: Length in seconds.
            path: The file; an earlier recording of this name is replaced.

        Returns:
            The path.

        Raises:
            ParameterInvalid: An argument has a value that cannot work (-305).
            DependencyMissing: ``sounddevice`` is not installed (-502).
            DeviceUnavailable: There is no microphone, or it cannot be used (-301).
            PathNotWritable: The file cannot be written (-104).
        """
        seconds, file = _checked_seconds(time), _checked_file(path)
        return write_whole(file, _as_wav(_recorded(_sounddevice(), self.device, seconds)))


def _recorded(sounddevice: Any, device: int | str | None, seconds: float) -> Samples:
    try:
        rate = _rate_of(sounddevice, device)
        count = max(1, round(seconds * rate))
        samples = sounddevice.rec(count, samplerate=rate, channels=1, dtype="int16", device=device, blocking=True)
    except (sounddevice.PortAudioError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else say("no reason given", "没有说明原因")
        raise DeviceUnavailable(
            say(f"No sound can be recorded: {english(reason)}.", f"无法录音：{reason}。"),
            hint=say(
                "Plug in a microphone, allow this program to use it, or choose another one: MicroPhone(device=1).",
                "请连接麦克风，允许本程序使用麦克风，或选择其他设备：MicroPhone(device=1)。",
            ),
        ) from error
    return _resampled(np.asarray(samples, np.int16).reshape(-1), rate, max(1, round(seconds * RATE)))


def _rate_of(sounddevice: Any, device: int | str | None) -> int:
    """Return a rate that the microphone has: ours, or its own."""
    try:
        sounddevice.check_input_settings(device=device, channels=1, dtype="int16", samplerate=RATE)
    except sounddevice.PortAudioError:
        return round(float(sounddevice.query_devices(device, "input")["default_samplerate"]))
    return RATE


def _resampled(samples: Samples, rate: int, count: int) -> Samples:
    if rate == RATE:
        return samples
    # Means over the length of a new sample: what is too high to be kept does not come back as another tone.
    width = max(1, round(rate / RATE))
    smooth = np.convolve(samples, np.full(width, 1 / width), mode="same")
    positions = np.arange(count) * (rate / RATE)
    return np.asarray(np.rint(np.interp(positions, np.arange(len(smooth)), smooth)), np.int16)


def _as_wav(samples: Samples) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


def _sounddevice() -> Any:
    try:
        return import_module("sounddevice")
    except ImportError as error:
        raise DependencyMissing(
            say(
                "Recording needs sounddevice, which this Python does not have.",
                "录音需要 sounddevice，而当前 Python 没有安装。",
            ),
            hint=say(f"Install it with: {INSTALL}", f"请先安装：{INSTALL}"),
        ) from error
    except OSError as error:  # the package is there, the system's library is not
        raise DeviceUnavailable(
            say("This system has no PortAudio, with which sound is recorded.", "系统没有录音所需的 PortAudio。"),
            hint=say("Install it: sudo apt install libportaudio2", "请安装：sudo apt install libportaudio2"),
        ) from error


def _checked_seconds(value: object) -> float:
    return float(check_number("time", value, above=0, most=_LONGEST))


def _checked_file(path: PathLike) -> Path:
    file = checked_path("path", path)
    if file.suffix.lower() == ".wav":
        return file
    raise invalid("path", str(file), "a file that ends with .wav", "以 .wav 结尾的文件名")
