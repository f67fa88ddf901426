"""The pictures of a folder, to be found by what an annotation calls them. The readers of detection formats call it.

Annotations come from other machines: letter case, slashes and folders in a name need not be those of this disk.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from BaseDT.dataset.notes import undecodable
from BaseDT.dataset.scan import Ignored, scan
from BaseDT.errors import DatasetInvalid, did_you_mean
from BaseDT.language import say
from BaseDT.names import composed

_SHOWN = 5


def folded(name: str) -> str:
    """The same text for names that one file system or another takes for the same file."""
    return composed(name).casefold()


def stem_of(key: str) -> str:
    """Return a path without the suffix of its file."""
    before, _, name = key.rpartition("/")
    stem = name.rpartition(".")[0] or name
    return f"{before}/{stem}" if before else stem


class PictureFolder:
    """All pictures below a folder.

    Attributes:
        folder: Where they lie.
        name: What messages call it.
        keys: Their posix paths relative to the folder, sorted.
        ignored: What was left out.
    """

    folder: Path
    name: str
    keys: tuple[str, ...]
    ignored: Ignored

    def __init__(self, folder: Path, name: str, *, only: Collection[str] | None = None) -> None:
        """Look through the folder; DatasetInvalid where it cannot be read. ``only``: the keys that are meant."""
        scanned = scan(folder, name)
        self.folder, self.name, self.ignored = folder, name, scanned.ignored
        self.keys = tuple(sorted([*scanned.loose, *(key for keys in scanned.classes.values() for key in keys)]))
        if only is not None:
            self.keys = tuple(key for key in self.keys if key in only)
        self._key_set = frozenset(self.keys)
        self._by_path: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for key in self.keys:
            plain = folded(key)
            for path in {plain, plain.rpartition("/")[2]}:
                self._by_path.setdefault(path, []).append(key)
            stem = stem_of(plain)
            for path in {stem, stem.rpartition("/")[2]}:
                self._by_stem.setdefault(path, []).append(key)

    def path(self, key: str) -> Path:
        """Return where a picture lies."""
        return self.folder / key

    def named(self, name: str) -> str | None:
        """Return the picture that a file name means; None where there is none, or several and none of them exactly.

        Only the last parts of a path count: it may be that of another machine.
        """
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
        if not parts:
            return None
        tails = ["/".join(parts[start:]) for start in range(len(parts))]
        exact = next((tail for tail in tails if tail in self._key_set), None)
        return exact or next((key for tail in tails if (key := self._only(self._by_path, tail))), None)

    def of_stem(self, stem: str) -> list[str]:
        """Return the pictures that have this path but for the suffix, or this name where no path is equal."""
        plain = folded(stem)
        keys = self._by_stem.get(plain) or self._by_stem.get(plain.rpartition("/")[2], [])
        equal = [key for key in keys if stem_of(folded(key)) == plain]
        return equal or keys

    @staticmethod
    def _only(where: dict[str, list[str]], name: str) -> str | None:
        keys = where.get(folded(name), [])
        return keys[0] if len(keys) == 1 else None


def find_pictures(source: str, names: Sequence[str], pictures: PictureFolder) -> list[str]:
    """Return the picture that each file name means, as the folder calls it.

    Args:
        source: The annotation file, for messages.
        names: What it calls its pictures.
        pictures: Where they lie.

    Raises:
        DatasetInvalid: A picture is not there, or two names mean the same one.
    """
    keys = [pictures.named(name) for name in names]
    if missing := [name for name, key in zip(names, keys, strict=True) if key is None]:
        listed = ", ".join(missing[:_SHOWN]) + (", ..." if len(missing) > _SHOWN else "")
        raise DatasetInvalid(
            say(
                f"{len(missing)} of the {len(keys)} pictures that {source} names are not in {pictures.name}: {listed}",
                f"{source} 中的 {len(keys)} 张图片有 {len(missing)} 张不在 {pictures.name} 里：{listed}",
            ),
            hint=did_you_mean(missing[0], pictures.keys)
            or say("Add them, or export the file anew.", "请补上这些图片，或重新导出标注文件。"),
        )
    matched = [key for key in keys if key is not None]
    first: dict[str, int] = {}
    for index, key in enumerate(matched):
        if (earlier := first.setdefault(key, index)) != index:
            raise DatasetInvalid(
                say(
                    f"{source}: images[{earlier}] and images[{index}] are the same picture: {key}",
                    f"{source}：images[{earlier}] 和 images[{index}] 是同一张图片：{key}",
                ),
                hint=say("Each picture has one entry.", "每张图片只能有一项。"),
            )
    return matched


def unnamed_pictures(source: str, pictures: PictureFolder, used: Sequence[str]) -> Iterator[str]:
    """Say how many pictures of a folder no annotation names."""
    yield from undecodable(pictures.ignored.others)
    if unnamed := sorted(set(pictures.keys) - set(used)):
        yield say(
            f"{len(unnamed)} pictures in {pictures.name} have no entry in {source} (e.g. {unnamed[0]}): not used.",
            f"{pictures.name} 中有 {len(unnamed)} 张图片不在 {source} 里（如 {unnamed[0]}），不使用。",
        )
