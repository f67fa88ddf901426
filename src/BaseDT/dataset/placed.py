"""Pictures of a foreign set with their boxes in pixels of the upright picture, where they lie: nothing is copied."""

from __future__ import annotations

from collections.abc import Iterator

from BaseDT.dataset.boxes import BoxTally, fitted, in_pixels
from BaseDT.dataset.coco_samples import CocoImage
from BaseDT.dataset.directions import Head, Labelled, directions
from BaseDT.dataset.formats.source import Picture, Source
from BaseDT.dataset.upright import heads_of, turned_box


def placed(source: Source, tally: BoxTally) -> tuple[tuple[CocoImage, ...], tuple[str, ...]]:
    """Return the pictures in their order, and notes on how they had to be turned.

    Only the heads of the files are read; a file whose head cannot be read is left to whoever opens it.

    Args:
        source: What a reader of a format made.
        tally: Where boxes are counted that do not fit their pictures.

    Raises:
        DatasetInvalid: Pictures have another size than their annotations say (-201).
    """
    pictures = source.pictures
    heads = heads_of([picture.path for picture in pictures])
    # Shares are those of the upright picture, whatever a camera stored.
    known = [Labelled(p.key, head, p.size, p.boxes) for p, head in zip(pictures, heads, strict=True)]
    stored, notes = ([False] * len(pictures), ()) if source.relative else directions(known)
    rows = zip(pictures, heads, stored, strict=True)
    return tuple(_images(rows, tally, relative=source.relative)), tuple(notes)


def _images(
    rows: Iterator[tuple[Picture, Head | None, bool]], tally: BoxTally, *, relative: bool
) -> Iterator[CocoImage]:
    for number, (picture, head, is_stored) in enumerate(rows, 1):
        height, width = (picture.size or (1, 1)) if head is None else head.upright
        boxes = picture.boxes
        if head is not None and is_stored:
            boxes = tuple(turned_box(box, head) for box in boxes)
        if relative:
            boxes = tuple(in_pixels(box, width, height) for box in boxes)
        yield CocoImage(picture.path, number, width, height, fitted(boxes, width, height, tally), boxes)
