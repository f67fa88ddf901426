"""Where a folder has pictures and their masks: names alone decide, no file is opened. ``segmentation`` calls it.

``images`` and ``labels`` (or ``masks``, ``SegmentationClass``), such folders in ``train`` and ``val``, sub-folders
``train`` and ``val`` of both, ``train`` and ``train_labels``, or masks beside their pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from BaseDT.dataset import region_files
from BaseDT.dataset.dividing import SPLITS, TRAIN, split_named
from BaseDT.dataset.pictures import PictureFolder, folded, stem_of
from BaseDT.dataset.region_files import is_regions
from BaseDT.dataset.scan import folders_in, holds_pictures
from BaseDT.errors import AnnotationMissing, DatasetInvalid
from BaseDT.language import say

_IMAGES = ("images", "image", "imgs", "img", "jpegimages", "pictures", "photos")
_MASKS = (
    *("labels", "label", "masks", "mask", "segmentationclass", "segmentation", "segmentations", "annotations"),
    *("annotation", "gt", "groundtruth", "ground_truth", "trimaps"),
)
# What else they are called: PNGImages, PedMasks.
_LIKE_IMAGES = re.compile(".*(images?|imgs?|pictures|photos)", re.IGNORECASE)
_LIKE_MASKS = re.compile(".*(masks?|labels?)", re.IGNORECASE)
# How programs mark that a file is the mask of another: 1_mask.png, mask_1.png, 0001TP_006690_L.png.
_MARK = re.compile(r"(?P<before>.+?)[ _.-]?(?<![a-z])(masks?|labels?|labelids|seg|segmentation|gt|[lp])", re.IGNORECASE)
_MARK_BEFORE = re.compile(r"(mask|label|seg|gt)[ _.-](?P<after>.+)", re.IGNORECASE)
_IMAGES_BEHIND = re.compile("[ _-]?(images?|imgs?)$")
_MASKS_BEHIND = tuple(
    f"{between}{name}"
    for name in ("labels", "label", "masks", "mask", "annot", "annotations", "seg", "segmentation", "gt")
    for between in ("_", "", "-", " ")
)
_MASK_SUFFIXES = frozenset({".png", ".bmp", ".tif", ".tiff", ".webp", ".jpg", ".jpeg", ".gif"})
_SHOWN = 3


@dataclass(frozen=True)
class Pair:
    """A picture and its mask.

    Attributes:
        key: The picture's posix path in its folder, the folder of its part before it: lists and splits follow from it.
        picture: Where it lies.
        mask: Where its mask lies.
        split: What it is for, where folders say so; None where they do not.
    """

    key: str
    picture: Path
    mask: Path
    split: int | None = None


@dataclass(frozen=True)
class Found:
    """The pictures with masks of a folder.

    Attributes:
        pairs: In the order of their keys.
        without_mask: Keys of pictures that have none.
        without_picture: Masks that belong to no picture, by their posix paths below the set's folder.
    """

    pairs: tuple[Pair, ...]
    without_mask: tuple[str, ...] = ()
    without_picture: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Place:
    """Folders of pictures and of masks; the same one where they lie together. ``prefix``: what keys begin with."""

    images: Path
    masks: Path
    prefix: str = ""

    @property
    def are_together(self) -> bool:
        return self.images == self.masks


def looks_masked(root: Path) -> bool:
    """Tell whether a folder has pictures with masks."""
    try:
        return any(_pairs_of(place)[0] for place in places(root))
    except DatasetInvalid:  # names that are not clear are said when it is read
        return True


def find(root: Path) -> Found:
    """Find the pictures and masks of a folder.

    Raises:
        DatasetInvalid: Which picture a mask belongs to is not clear (-201).
        AnnotationMissing: There are pictures and masks, and no mask has the name of a picture (-701).
    """
    pairs: list[Pair] = []
    without_mask: list[str] = []
    without_picture: list[str] = []
    all_places = places(root) or nested(root)
    for place in all_places:
        matched, alone, lost = _pairs_of(place)
        pairs += matched
        without_mask += alone
        without_picture += [path.relative_to(root).as_posix() for path in lost]
    if all_places and not pairs:
        raise _nothing_matches(without_mask, without_picture, all_places[0])
    pairs.sort(key=lambda pair: pair.key)
    return Found(_divided(pairs), tuple(sorted(without_mask)), tuple(sorted(without_picture)))


def places(root: Path) -> list[_Place]:
    """Return where pictures and masks lie; none where a folder has no such."""
    if place := _two_folders(root):
        return [place]
    parts = [name for name in folders_in(root) if split_named(name) is not None]
    found = [(name, _two_folders(root / name)) for name in parts]
    if in_parts := [replace(place, prefix=f"{name}/") for name, place in found if place]:
        return in_parts
    if beside := list(_parts_beside(root, parts)):
        return beside
    together = [(root / name, f"{name}/") for name in parts] if parts and not holds_pictures(root) else []
    images = _named(root, _IMAGES)
    together = together or [(images or root, "")]
    return [_Place(folder, folder, prefix) for folder, prefix in together if _has_twins(folder)]


def nested(root: Path) -> list[_Place]:
    """Return a folder in whose sub-folders masks lie beside pictures: most have one, named as a mask (``1_mask.png``).

    All of the folder is looked through: only who was told that there are masks asks.
    """
    pairs, alone, _ = _pairs_of(_Place(root, root))
    marked = [pair for pair in pairs if pair.mask.stem != pair.picture.stem]
    return [_Place(root, root)] if len(marked) > len(alone) else []


def _two_folders(root: Path) -> _Place | None:
    images = _named(root, _IMAGES) or _only(root, _LIKE_IMAGES)
    masks = next((folder for folder in _all_named(root, _MASKS) if _holds_masks(folder)), None)
    masks = masks or _only(root, _LIKE_MASKS)
    return _Place(images, masks) if images and masks else None


def _only(root: Path, like: re.Pattern[str]) -> Path | None:
    """Return the folder of masks or pictures whose name is like this; None where there is none, or several."""
    folders = [root / name for name in folders_in(root) if like.fullmatch(name) and _holds_masks(root / name)]
    return folders[0] if len(folders) == 1 else None


def _parts_beside(root: Path, parts: Sequence[str]) -> Iterator[_Place]:
    """Give the folders of parts whose masks lie in a folder of a longer name: ``train`` and ``train_labels``."""
    of_name = {name.lower(): name for name in folders_in(root)}
    for name in parts:
        start = _IMAGES_BEHIND.sub("", name.lower())
        masks = next((m for m in _MASKS_BEHIND if (other := of_name.get(start + m)) and _holds_masks(root / other)), "")
        if masks and holds_pictures(root / name):
            yield _Place(root / name, root / of_name[start + masks], f"{name}/")


def _named(root: Path, names: Sequence[str]) -> Path | None:
    return next(_all_named(root, names), None)


def _all_named(root: Path, names: Sequence[str]) -> Iterator[Path]:
    present = {name.lower(): root / name for name in reversed(folders_in(root))}
    return (present[name] for name in names if name in present)


def _holds_masks(folder: Path) -> bool:
    inner = any(holds_pictures(folder / name) for name in folders_in(folder))
    return inner or holds_pictures(folder) or bool(region_files.keys_in(folder))


def _has_twins(folder: Path) -> bool:
    """Tell whether masks lie beside pictures: most pictures have one."""
    if not holds_pictures(folder):
        return False
    pairs, alone, _ = _pairs_of(_Place(folder, folder))
    return len(pairs) > len(alone)


def _pairs_of(place: _Place) -> tuple[list[Pair], list[str], list[Path]]:
    """Return pictures with their masks, keys of pictures without one, and masks without a picture."""
    everything = PictureFolder(place.images, place.images.name)
    masks = everything.keys if place.are_together else _masks_in(place.masks)
    of_mask = _owners(masks, everything, place)
    if place.are_together:
        masks = tuple(of_mask)
    used: dict[str, str] = {}
    for mask, key in of_mask.items():
        if key in used:
            raise _ambiguous(place, key, [used[key], mask])
        used[key] = mask
    pairs = [Pair(place.prefix + key, place.images / key, place.masks / mask) for key, mask in used.items()]
    pictures = set(everything.keys) - (set(masks) if place.are_together else set())
    alone = [place.prefix + key for key in sorted(pictures - set(used))]
    return pairs, alone, [place.masks / mask for mask in masks if mask not in of_mask]


def _masks_in(folder: Path) -> tuple[str, ...]:
    """Return the masks of a folder: pictures, else numbers as text."""
    return PictureFolder(folder, folder.name).keys or region_files.keys_in(folder)


def _owners(masks: Sequence[str], pictures: PictureFolder, place: _Place) -> dict[str, str]:
    """Return the picture of each mask that has one."""
    owners: dict[str, str] = {}
    for mask in masks:
        if Path(mask).suffix.lower() not in _MASK_SUFFIXES and not is_regions(mask):
            continue
        keys = next(filter(None, (_of_stem(stem, mask, pictures, place) for stem in _stems(mask, place))), [])
        if len(keys) > 1:
            raise _ambiguous(place, mask, keys)
        if keys:
            owners[mask] = keys[0]
    return owners


def _stems(mask: str, place: _Place) -> Iterator[str]:
    """Return what the picture of a mask may be called, without suffix; the likeliest first."""
    stem = mask[: -len(region_files.SUFFIX)] if is_regions(mask) else stem_of(mask)
    if not place.are_together or mask.lower().endswith(".png"):
        yield stem
    before, slash, name = stem.rpartition("/")
    for found, part in ((_MARK.fullmatch(name), "before"), (_MARK_BEFORE.fullmatch(name), "after")):
        if found:
            yield f"{before}{slash}{found[part]}"


def _of_stem(stem: str, mask: str, pictures: PictureFolder, place: _Place) -> list[str]:
    """Return the pictures of a stem; of several the one that is spelled exactly so. A mask is not its own picture."""
    keys = [key for key in pictures.of_stem(stem) if not (place.are_together and key == mask)]
    if place.are_together:
        same_folder = stem.rpartition("/")[0]
        # A PNG beside a JPEG of its name is its mask; of two PNG files only a mark tells.
        keys = [key for key in keys if key.rpartition("/")[0] == same_folder]
        if stem_of(mask) == stem:
            keys = [key for key in keys if not key.lower().endswith(".png")]
    else:
        keys = [key for key in keys if _are_alike(key.rpartition("/")[0], stem.rpartition("/")[0])]
    exact = [key for key in keys if stem_of(key) == stem]
    if len(keys) > 1 and not exact:
        exact = [key for key in keys if folded(stem_of(key)) == folded(stem)]
    return exact or keys


def _are_alike(folder: str, other: str) -> bool:
    """Whether folders of a picture and a mask of one name agree: a mask of ``val`` is none of ``train``."""
    first, second = f"/{folded(folder)}", f"/{folded(other)}"
    return first.endswith(second) or second.endswith(first) or "/" in (first, second)


def _divided(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return pairs with the splits that the first folders of their keys name, where these divide the whole set."""
    splits = [split_named(pair.key.partition("/")[0]) if "/" in pair.key else None for pair in pairs]
    if TRAIN not in splits or None in splits:
        return tuple(pairs)
    return tuple(replace(pair, split=split) for pair, split in zip(pairs, splits, strict=True))


def counts(splits: Sequence[int | None]) -> Mapping[str, int]:
    """Return how many pictures are for each part."""
    return {name: sum(split == number for split in splits) for number, name in enumerate(SPLITS)}


def _ambiguous(place: _Place, key: str, others: Sequence[str]) -> DatasetInvalid:
    listed = ", ".join(others[:_SHOWN])
    return DatasetInvalid(
        say(
            f"Which picture and which mask belong together is not clear: {place.prefix}{key} and {listed}",
            f"无法确定图片与掩码的对应关系：{place.prefix}{key} 与 {listed}",
        ),
        hint=say(
            "Give each picture a name of its own, and its mask the same name; letter case alone does not tell names "
            "apart on Windows.",
            "每张图片的文件名应各不相同，掩码与图片同名；Windows 上仅大小写不同视为同名。",
        ),
    )


def _nothing_matches(pictures: Sequence[str], masks: Sequence[str], place: _Place) -> AnnotationMissing:
    picture, mask = (next(iter(names), say("none", "无")) for names in (pictures, masks))
    return AnnotationMissing(
        say(
            f"No mask in {place.masks.name} has the name of a picture in {place.images.name}: "
            f"{len(pictures)} pictures (e.g. {picture}), {len(masks)} masks (e.g. {mask})",
            f"{place.masks.name} 中没有与 {place.images.name} 中图片同名的掩码："
            f"{len(pictures)} 张图片（如 {picture}），{len(masks)} 张掩码（如 {mask}）",
        ),
        hint=say("images/1.jpg belongs to labels/1.png.", "images/1.jpg 对应 labels/1.png。"),
    )
