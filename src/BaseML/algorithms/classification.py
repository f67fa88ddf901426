"""Algorithms that tell classes apart."""

from __future__ import annotations

from BaseML.algorithms.kind import AlgorithmKind

KINDS = (
    AlgorithmKind(
        "KNN", "classification", "sklearn.neighbors:KNeighborsClassifier",
        ("The nearest known samples vote.", "由距离最近的几个样本投票决定类别。"),
        documented={"n_neighbors": "n_neighbors"}, measures_distance=True,
    ),
    AlgorithmKind(
        "SVM", "classification", "sklearn.svm:SVC",
        ("The border with the widest margin between the classes.", "寻找两类之间间隔最宽的分界。"),
        defaults={"random_state": 0}, measures_distance=True,
    ),
    AlgorithmKind(
        "NaiveBayes", "classification", "sklearn.naive_bayes:GaussianNB",
        ("How likely each column's number is for each class, multiplied.",
         "分别计算每列数值在各类别中出现的可能性，再相乘。"),
        aliases=("bayes", "naive bayes"),
    ),
    AlgorithmKind(
        "CART", "classification", "sklearn.tree:DecisionTreeClassifier",
        ("Questions about single columns, one after the other: a tree.", "逐个提出关于某一列的问题，形成一棵决策树。"),
        defaults={"random_state": 0}, aliases=("decisiontree", "decision tree"),
    ),
    AlgorithmKind(
        "AdaBoost", "classification", "sklearn.ensemble:AdaBoostClassifier",
        ("Small trees, each minding what the earlier ones got wrong.", "许多小树，后面的树重点学习前面分错的样本。"),
        defaults={"random_state": 0}, documented={"n_estimators": "n_estimators"}, rate="learning_rate",
    ),
    AlgorithmKind(
        "MLP", "classification", "sklearn.neural_network:MLPClassifier",
        ("A small network of neurons.", "小型的多层神经网络。"),
        defaults={"solver": "lbfgs", "random_state": 0}, documented={"n_hidden": "hidden_layer_sizes"},
        rate="learning_rate_init", rounds="max_iter", measures_distance=True,
    ),
    AlgorithmKind(
        "RandomForest", "classification", "sklearn.ensemble:RandomForestClassifier",
        ("Many trees, each from other samples, vote.", "许多决策树各自学习一部分样本，然后投票。"),
        defaults={"random_state": 0}, documented={"n_estimators": "n_estimators"}, aliases=("random forest",),
    ),
)  # fmt: skip
