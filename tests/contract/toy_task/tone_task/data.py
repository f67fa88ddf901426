"""``pictures/x.png`` and ``tones/x.txt``: two files a sample. Every third one is for validation. Torch-free."""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from BaseDT import image
from BaseDT.errors import DatasetNotFound, ImageDamaged
from MMEdu.engine.cached_samples import CachedSamples
from MMEdu.engine.protocol import Batch
from MMEdu.engine.store import Budget
from MMEdu.tasks.spec import CheckReport


def is_dataset(folder):
    return (Path(folder) / "tones").is_dir()


class TonePictures:
    """Pictures with their tones; the cached form is two arrays of different types."""

    varies = False
    shape = None

    def __init__(self, paths, preprocess):
        self.paths, self.preprocess = paths, preprocess

    def __len__(self):
        return len(self.paths)

    def name(self, index):
        return f"{self.paths[index]} + {self._text(index).name}"

    def _text(self, index):
        path = self.paths[index]
        return path.parents[1] / "tones" / f"{path.stem}.txt"

    def load(self, index, *, strict):
        path, text = self.paths[index], self._text(index)
        pixels = image.decode(path.read_bytes(), name=path.name, strict=strict)
        try:
            tone = float(text.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ImageDamaged(f"{text} holds no number.") from error
        return self.preprocess.pixels(pixels), np.array([tone], np.float32)

    def sample(self, index, cached, random):
        return cached

    def collate(self, indices, samples):
        return Batch(np.stack([p for p, _ in samples]), np.stack([t for _, t in samples]), indices)


@dataclass(frozen=True)
class ToneData:
    root: Path
    preprocess: object
    left_out: tuple = ()
    notes: tuple = ()
    budget: Budget = field(default_factory=Budget.of_this_machine, repr=False)

    def __post_init__(self):
        paths = [p for p in sorted((self.root / "pictures").glob("*.png")) if p not in self.left_out]
        val, train = paths[::3], [p for i, p in enumerate(paths) if i % 3]
        for name, part in (("train", train), ("val", val)):
            object.__setattr__(self, name, CachedSamples.of(TonePictures(part, self.preprocess), self.budget))
        object.__setattr__(self, "fingerprint", sha256(str([p.name for p in paths]).encode()).hexdigest())

    @property
    def size(self):
        return len(self.train.samples)

    def check(self, emit):
        return ()

    def without(self, paths):
        return replace(self, left_out=(*self.left_out, *paths))

    def would_mix(self, folder):
        return folder == self.root

    def without_validation(self):
        return self

    @property
    def as_loaded(self):
        return self.fingerprint

    def suited(self, entry):
        return entry

    def prepared_for(self, entry):
        return self if entry.preprocess == self.preprocess else replace(self, preprocess=entry.preprocess)


def load(entry, path):
    if not is_dataset(path):
        raise DatasetNotFound(f"No tones in {path}.")
    return ToneData(Path(path), entry.preprocess)


def evaluation_set(path, data):
    raise NotImplementedError


def pictures(data):
    return [image.read(path) for path in data.val.samples.paths[:2]]


def check(path, backbone, sheet, emit, *, fix, deep):
    count = len(list((path / "pictures").glob("*.png")))
    return CheckReport(True, {"pictures": count}, (("pictures",), (count,)), (f"{count} tones.",))
