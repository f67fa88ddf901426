"""``Supervised``: what learns from labels or numbers: ``train`` of Classification and Regression."""

from __future__ import annotations

from typing import Any

from BaseDT import terminal
from BaseDT.arguments import check_integer, check_number, checked_flag, documented
from BaseDT.language import say
from BaseML.learner import baseml
from BaseML.usual import UsualCount, UsualNumber, is_usual
from BaseML.validation import validate as scored


class Supervised(baseml):
    """A model that learns from labels or numbers (监督学习)."""

    @documented
    def train(
        self,
        validate: bool = False,
        val_size: float = 0.2,
        lr: float = UsualNumber(0.001),
        epochs: int = UsualCount(200),
    ) -> None:
        """Train the model (训练模型).

        Args:
            validate: Whether a part of the training rows is held out, ``x_val`` and ``y_val``, and the score printed.
            val_size: Share of that part.
            lr: Learning rate of MLP (with the solvers ``sgd`` and ``adam``) and of AdaBoost, where it is given.
            epochs: How long MLP learns at most.

        Raises:
            DatasetNotLoaded: No data are loaded, or all are of one class (-603).
            ParameterInvalid: A value cannot be used (-305).
            ParameterUnknown: A keyword is no parameter (-501).
        """
        is_scored = checked_flag("validate", validate)
        share = float(check_number("val_size", val_size, above=0, most=0.9))
        rate, rounds = check_number("lr", lr, above=0), check_integer("epochs", epochs)
        settings = {**self._setting("lr", self._kind.rate, lr, rate)}
        settings |= self._setting("epochs", self._kind.rounds, epochs, rounds)
        self._train(share if is_scored else 0.0, settings)
        if is_scored:
            self._say_score(scored(self._ready(), self.x_val, self.y_val, None))

    def _setting(self, argument: str, parameter: str, given: object, value: float) -> dict[str, Any]:
        """Return the parameter that an argument sets; nothing where the user did not write it, or set it by name."""
        if not parameter:
            if not is_usual(given):
                terminal.note(
                    say(
                        f"{self.algorithm} has no {argument}: it is not used.",
                        f"{self.algorithm} 没有 {argument}，该参数不起作用。",
                    )
                )
            return {}
        # AdaBoost would hardly move at the documented usual rate.
        is_taken = not is_usual(given) or (parameter not in self._chosen and self._kind.name != "AdaBoost")
        return {parameter: value} if is_taken else {}
