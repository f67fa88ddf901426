"""What a user's arguments, or a recipe file's, change of a model's entry: input size, fit, mirroring. Torch-free.

An entry stays what it is where nothing is asked for. How the variation of training follows, its own class says
(``FollowsInput``); one that does not follow has a geometry of its own, as detectors have.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Protocol, runtime_checkable

from BaseDT.errors import ParameterInvalid
from BaseDT.geometry.fit import Fit
from BaseDT.language import say
from MMEdu.models.registry import ModelEntry

_USUAL_FLIP = 0.5


@runtime_checkable
class FollowsInput(Protocol):
    """An ``Augmentation`` that depends on how pictures get into the input."""

    def for_side(self, before: int, after: int) -> Any:
        """Return the same for another side of the input, in pixels."""

    def for_fit(self, fit: Fit) -> Any:
        """Return the same for another fit."""


def adapted(
    entry: ModelEntry, *, image_size: int | None = None, fit: Fit | None = None, flip: bool | None = None
) -> ModelEntry:
    """Return a model's entry as a training asks for it.

    Args:
        entry: The model, with its recipe.
        image_size: Side of the square input, in pixels.
        fit: ``crop``, ``letterbox`` or ``stretch``.
        flip: Whether training shows pictures mirrored, too.

    Raises:
        ParameterInvalid: The architecture works at one size only, or at multiples of one (-305).
    """
    return mirrored(fitted(sized(entry, image_size), fit), flip)


def sized(entry: ModelEntry, image_size: int | None) -> ModelEntry:
    """Return the model's entry for another input size; None leaves it.

    Raises:
        ParameterInvalid: The architecture works at one size only, or at multiples of one (-305).
    """
    side = entry.preprocess.size[0]
    if image_size is None or entry.preprocess.size == (image_size, image_size):
        return entry
    if entry.fixed_size:
        hint = say("Leave image_size out, or choose another backbone.", "请去掉 image_size，或换一个 backbone。")
        raise ParameterInvalid(
            say(
                f"image_size={image_size!r}: {entry.name} works at {side} only.",
                f"image_size={image_size!r}：{entry.name} 只能使用 {side}。",
            ),
            hint=hint,
        )
    if image_size % entry.multiple:
        raise _no_multiple(entry, image_size)
    augment = entry.recipe.augment
    if isinstance(augment, FollowsInput):
        augment = augment.for_side(side, image_size)
    return _with(replace(entry, preprocess=entry.preprocess.with_size(image_size)), augment)


def _no_multiple(entry: ModelEntry, image_size: int) -> ParameterInvalid:
    """Make the error of a side that the network cannot halve as often as it must (-305)."""
    step = entry.multiple
    below = max(step, image_size // step * step)
    return ParameterInvalid(
        say(
            f"image_size={image_size}: {entry.name} works with multiples of {step} only.",
            f"image_size={image_size}：{entry.name} 只能使用 {step} 的倍数。",
        ),
        hint=say(f"Choose {below} or {below + step}.", f"请选择 {below} 或 {below + step}。"),
    )


def fitted(entry: ModelEntry, fit: Fit | None) -> ModelEntry:
    """Return the model's entry with another fit; itself where it has that one, or None is asked for."""
    preprocess = entry.preprocess if fit is None else entry.preprocess.with_fit(fit)
    if fit is None or preprocess is entry.preprocess:
        return entry
    augment = entry.recipe.augment
    if isinstance(augment, FollowsInput):
        augment = augment.for_fit(fit)
    return _with(replace(entry, preprocess=preprocess), augment)


def mirrored(entry: ModelEntry, flip: bool | None) -> ModelEntry:
    """Return the model's entry with or without mirrored training pictures; None leaves it to the recipe."""
    augment = entry.recipe.augment
    if flip is None or "flip" not in {item.name for item in fields(augment)} or bool(augment.flip) == flip:
        return entry
    return _with(entry, replace(augment, flip=_USUAL_FLIP if flip else 0.0))


def _with(entry: ModelEntry, augment: Any) -> ModelEntry:
    return replace(entry, recipe=replace(entry.recipe, augment=augment))
