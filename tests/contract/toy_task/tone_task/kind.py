"""How the runtime reads its outputs: a number for each picture. Torch-free."""

from dataclasses import dataclass

from XEdu.outputs.kind import OutputKind


@dataclass(frozen=True)
class Tone:
    value: float


def _in_words(result, lang):
    return {"明暗" if lang == "zh" else "tone": round(result.value, 3)}


KIND = OutputKind(
    name="tone",
    decode=lambda batch, info, threshold: [Tone(float(row[0])) for row in batch.arrays[0]],
    holds=lambda result: isinstance(result, Tone),
    in_words=_in_words,
    batched=True,
    documented=lambda result: {"tone": result.value},
    line=lambda result: f"tone {result.value:.3f}",
)
