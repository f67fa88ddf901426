"""Classic machine learning in five lines each (经典机器学习：分类、回归、聚类、降维): python learn_from_tables.py

The table is a CSV file with a line of names: numbers, and for a classification the name of the class at the end.
表格：第一行为列名；做分类时最后一列是类别（可以是文字）。数据为 scikit-learn 自带的鸢尾花。
"""

import csv
from pathlib import Path

from sklearn.datasets import load_iris

from BaseML import Classification as cls  # noqa: N813 文档的写法
from BaseML import Cluster as clt  # noqa: N813
from BaseML import DimentionReduction as rdc  # noqa: N813
from BaseML import Regression as reg  # noqa: N813

COLUMNS = ["花萼长", "花萼宽", "花瓣长", "花瓣宽", "品种"]
NAMES = ["山鸢尾", "变色鸢尾", "维吉尼亚鸢尾"]


def table(file="鸢尾花.csv"):
    """Write the 150 flowers as a table (把数据写成表格)."""
    data = load_iris()
    with Path(file).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for row, label in zip(data.data, data.target):
            writer.writerow([*row, NAMES[label]])
    return file


def classify(file):
    """Which flower is it (分类)?"""
    model = cls("KNN", n_neighbors=5)
    model.load_dataset(file, type="csv", x_column=[0, 1, 2, 3], y_column=[4])  # 自动留出 20% 作为测试数据
    model.train(validate=True)
    model.valid(metrics="f1")
    model.save("花.pkl")
    model.convert(out_file="花.onnx")  # 在没有 scikit-learn 的开发板上，用 XEdu.hub 的 Workflow 运行

    again = cls("KNN")
    again.load("花.pkl")
    return again.inference([[5.1, 3.5, 1.4, 0.2]])[0]


def compare(file):
    """Which algorithm knows the flowers best (比较各种算法)?"""
    scores = {}
    for name in ("KNN", "SVM", "NaiveBayes", "CART", "AdaBoost", "MLP", "RandomForest"):
        model = cls(name)
        model.load_dataset(file, scale=True)  # scale=True：把各列缩放到 0~1，再交给算法
        model.train()
        scores[name], _ = model.valid()
    return scores


def estimate(file):
    """How wide is a petal of this length (回归)?"""
    model = reg("LinearRegression")
    model.load_dataset(file, x_column=["花瓣长"], y_column=["花瓣宽"])  # 列可以用列名表示
    model.train()
    score, _ = model.valid(metrics="r2")
    print(f"花瓣宽 = {model.coef[0]:.2f} × 花瓣长 {model.intercept:+.2f}")
    return score


def group(file):
    """Without being told the names: which flowers belong together (聚类)?"""
    model = clt("Kmeans", N_CLUSTERS=3)
    model.load_dataset(file, x_column=[0, 1, 2, 3])
    model.train(validate=True)
    return model.inference()


def reduce(file):
    """Four numbers become two (降维)."""
    model = rdc("PCA", n_components=2)
    model.load_dataset(file, x_column=[0, 1, 2, 3])
    model.train()
    return model.inference()


def main():
    """Run all of them."""
    file = table()
    flower = classify(file)
    print("这朵花是", flower)
    return flower, compare(file), estimate(file), group(file), reduce(file)


if __name__ == "__main__":
    main()
