"""Recording into a WAV file through a stand-in for ``sounddevice``, and every reason why it cannot be."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from BaseDT.errors import DependencyMissing, DeviceUnavailable, ParameterInvalid, ParameterUnknown, PathNotWritable
from BaseDT.io import MicroPhone


class PortAudioError(Exception):
    """Has the name of sounddevice's own."""


class Sound(ModuleType):
    """Records a tone of 440 Hz, at the rates that its microphone has."""

    PortAudioError = PortAudioError

    def __init__(self, rates: tuple[int, ...] = (16000,), fault: Exception | None = None) -> None:
        super().__init__("sounddevice")
        self.rates, self.fault = rates, fault
        self.asked: list[dict[str, Any]] = []

    def check_input_settings(self, **settings: Any) -> None:
        if settings["samplerate"] not in self.rates:
            raise PortAudioError("Invalid sample rate")

    def query_devices(self, device: object, kind: str) -> dict[str, float]:
        if not self.rates:
            raise PortAudioError("Error querying device -1")
        return {"default_samplerate": float(self.rates[0])}

    def rec(self, frames: int, samplerate: int, channels: int, **settings: Any) -> np.ndarray:
        self.asked.append({"frames": frames, "samplerate": samplerate, **settings})
        if self.fault is not None:
            raise self.fault
        tone = np.sin(2 * np.pi * 440 * np.arange(frames) / samplerate) * 20000
        return tone.astype(np.int16)[:, None].repeat(channels, axis=1)


def _with(monkeypatch: pytest.MonkeyPatch, sound: Sound) -> Sound:
    monkeypatch.setitem(sys.modules, "sounddevice", sound)
    return sound


def _read(path: Path) -> np.ndarray:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16000)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


@pytest.mark.parametrize("rates", [(16000,), (44100,), (48000,), (8000,)])
def test_a_recording_is_mono_with_16_khz_whatever_the_microphone_has(
    rates: tuple[int, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _with(monkeypatch, Sound(rates))
    path = MicroPhone().record_audio(time=0.5, path=tmp_path / "录 音" / "声 音.wav")
    assert path == tmp_path / "录 音" / "声 音.wav"
    samples = _read(path)
    assert len(samples) == 8000
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() * 2 == 440
    assert np.abs(samples).max() > 15000


def test_two_seconds_are_the_default_and_a_microphone_can_be_chosen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sound = _with(monkeypatch, Sound())
    monkeypatch.chdir(tmp_path)
    assert MicroPhone(device=3).record_audio() == Path("audio.wav")
    assert len(_read(tmp_path / "audio.wav")) == 32000
    assert sound.asked[0]["device"] == 3
    assert sound.asked[0]["blocking"] is True
    MicroPhone("USB").record_audio(1)  # in place of the earlier one
    assert len(_read(tmp_path / "audio.wav")) == 16000


# Bad input


def test_the_import_needs_no_sounddevice() -> None:
    code = "import sys; sys.modules['sounddevice'] = None; import BaseDT.io; BaseDT.io.MicroPhone()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_package_the_command_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DependencyMissing, match=r'pip install "mmedu\[audio\]"'):
        MicroPhone().record_audio(path=tmp_path / "x.wav")
    assert not list(tmp_path.iterdir())


def test_without_portaudio_the_command_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    with pytest.raises(DeviceUnavailable, match=r"(?s)PortAudio.*libportaudio2"):
        MicroPhone().record_audio(path=tmp_path / "x.wav")


@pytest.mark.parametrize(
    "sound",
    [Sound(rates=()), Sound(fault=PortAudioError("Device unavailable")), Sound(fault=ValueError("No input device"))],
    ids=["none", "busy", "no such name"],
)
def test_without_a_microphone_there_is_a_clear_error_and_no_file(
    sound: Sound, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _with(monkeypatch, sound)
    with pytest.raises(DeviceUnavailable, match=r"(?s)No sound can be recorded.*Plug in"):
        MicroPhone().record_audio(path=tmp_path / "x.wav")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("time", [0, -1, float("nan"), float("inf"), 4000, "2", None, True])
def test_a_length_that_cannot_be_is_refused(time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _with(monkeypatch, Sound())
    with pytest.raises(ParameterInvalid, match="time="):
        MicroPhone().record_audio(time)


@pytest.mark.parametrize("path", [None, 5, "x.mp3", "x", "a\0.wav"])
def test_a_file_that_cannot_be_is_refused(path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _with(monkeypatch, Sound())
    with pytest.raises(ParameterInvalid, match="path"):
        MicroPhone().record_audio(1, path)


def test_a_folder_in_the_place_of_the_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _with(monkeypatch, Sound())
    (tmp_path / "x.wav").mkdir()
    with pytest.raises(PathNotWritable, match=r"x\.wav"):
        MicroPhone().record_audio(0.1, tmp_path / "x.wav")


@pytest.mark.parametrize("device", [1.5, True, [0]])
def test_what_names_no_microphone_is_refused(device: Any) -> None:
    with pytest.raises(ParameterInvalid, match="device="):
        MicroPhone(device)


def test_misspelt_arguments_are_refused() -> None:
    with pytest.raises(ParameterUnknown, match=r"(?s)record_audio\(\): tiem.*'time'"):
        MicroPhone().record_audio(tiem=3)  # type: ignore[call-arg]
