"""Algorithms that tell the same with fewer numbers."""

from __future__ import annotations

from BaseML.algorithms.kind import AlgorithmKind

_NUMBER = {"n_components": "n_components"}

KINDS = (
    AlgorithmKind(
        "PCA", "reduction", "sklearn.decomposition:PCA",
        ("The directions in which the samples differ most.", "寻找样本差异最大的方向。"),
        defaults={"random_state": 0}, documented=_NUMBER, needs_labels=False, measures_distance=True,
    ),
    AlgorithmKind(
        "LDA", "reduction", "sklearn.discriminant_analysis:LinearDiscriminantAnalysis",
        ("The directions in which the classes differ most.", "寻找各类别差异最大的方向。"),
        documented=_NUMBER,
    ),
    AlgorithmKind(
        "LLE", "reduction", "sklearn.manifold:LocallyLinearEmbedding",
        ("Neighbours stay neighbours, as when a rolled sheet is laid flat.", "保持邻居关系，像把卷起的纸摊平一样。"),
        defaults={"random_state": 0}, documented=_NUMBER, needs_labels=False, measures_distance=True, exports=False,
    ),
)  # fmt: skip
