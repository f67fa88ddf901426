"""Algorithms that find groups without being told any."""

from __future__ import annotations

from BaseML.algorithms.kind import AlgorithmKind

_NUMBER = {"N_CLUSTERS": "n_clusters"}

KINDS = (
    AlgorithmKind(
        "Kmeans", "cluster", "sklearn.cluster:KMeans",
        ("Every sample belongs to the nearest of some centres, which move to the middle of their samples.",
         "每个样本归入最近的中心，中心再移动到自己样本的中间。"),
        # Several starts: a single one may end in a poor grouping.
        defaults={"random_state": 0, "n_init": 10}, documented=_NUMBER, needs_labels=False, measures_distance=True,
        aliases=("k-means", "k means"),
    ),
    AlgorithmKind(
        "Spectral clustering", "cluster", "sklearn.cluster:SpectralClustering",
        ("What is joined by many short ways is a group.", "由许多短路径相连的样本归为一组。"),
        defaults={"random_state": 0}, documented=_NUMBER, needs_labels=False, predicts_new=False,
        measures_distance=True, exports=False, aliases=("spectral", "spectralclustering"),
    ),
    AlgorithmKind(
        "Agglomerative clustering", "cluster", "sklearn.cluster:AgglomerativeClustering",
        ("The two nearest groups are joined, again and again.", "反复合并距离最近的两组。"),
        documented=_NUMBER, needs_labels=False, predicts_new=False, measures_distance=True, exports=False,
        aliases=("agglomerative", "agglomerativeclustering"),
    ),
    AlgorithmKind(
        "Birch", "cluster", "sklearn.cluster:Birch",
        ("Small heaps first, then groups of heaps: for many samples.",
         "先聚成许多小堆，再把小堆分组：适合样本很多的数据。"),
        documented=_NUMBER, needs_labels=False, measures_distance=True,
    ),
)  # fmt: skip
