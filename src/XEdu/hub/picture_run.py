"""Pictures through a model that gives one result for each: a single one, a folder, a list. Tasks call it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from BaseDT.image import NamedImage, Pixels
from BaseDT.image.reading import Reading
from XEdu.hub import pictures
from XEdu.hub.prediction import Prediction
from XEdu.hub.source_snapshot import SourceSnapshot
from XEdu.hub.tasks import InferenceOptions
from XEdu.outputs.kind import OutputKind, Result


@dataclass(frozen=True)
class PictureRun:
    """How pictures become results.

    Attributes:
        predict: Pictures (H×W×3 BGR or H×W gray) and the names of their files into one result for each.
        kind: Of the results; None where they are raw outputs.
        reading: How the model's pictures are read.
    """

    predict: Callable[[Sequence[Pixels], Sequence[str | None]], list[Result]]
    kind: OutputKind | None
    reading: Reading

    def of(self, data: Any, options: InferenceOptions) -> Prediction:
        """Predict a picture, a folder, or a list of pictures.

        Raises:
            XEduError: The picture cannot be read; of many, those that cannot are left out and named.
        """
        images, many = pictures.expand(data)
        reading = self.reading.coloured(options.draws)
        return self._many(images, reading, options) if many else self._single(images[0], reading)

    def _single(self, item: NamedImage, reading: Reading) -> Prediction:
        # Colours may still be needed for drawing: what was read gray is read again from its source.
        in_colour = SourceSnapshot.of_source(item, reading) if reading.gray else None
        picture = reading.of(item.source)
        results = self.predict([picture], [None])
        return Prediction(results, [in_colour or SourceSnapshot.of_pixels(item, picture)], False, self.kind)

    def _many(self, images: list[NamedImage], reading: Reading, options: InferenceOptions) -> Prediction:
        prediction = Prediction([], [], True, self.kind)
        # Before any is read: what changes meanwhile is noticed.
        sources = (
            {} if options.return_pictures else {item.name: SourceSnapshot.of_source(item, reading) for item in images}
        )
        for part in pictures.readable(images, reading):
            batch = [picture for _, picture in part]
            results = self.predict(batch, [item.name for item, _ in part])
            prediction.results.extend(results)
            prediction.images.extend(
                sources.get(item.name) or SourceSnapshot.of_pixels(item, picture) for item, picture in part
            )
            for picture, result in zip(batch, results, strict=True) if options.show else ():
                pictures.collect(prediction.tiles, pictures.drawn(picture, result, self.kind))
        return prediction
