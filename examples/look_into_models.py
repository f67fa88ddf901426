"""Look into models (看懂模型): python look_into_models.py

A model is no black box: each algorithm has a picture that shows what it learned, and one that shows how good it is.
模型不是黑盒：plot 画出模型学到了什么，metricplot 画出模型好不好。数据为 scikit-learn 自带的鸢尾花。
"""

import csv
from pathlib import Path

from sklearn.datasets import load_iris

from BaseML import Classification as cls  # noqa: N813 文档的写法
from BaseML import Cluster as clt  # noqa: N813
from BaseML import DimentionReduction as rdc  # noqa: N813

COLUMNS = ["sepal length", "sepal width", "petal length", "petal width", "flower"]


def table(file):
    """Write the 150 flowers as a table: four measures in centimetres and the name (把数据写成表格)."""
    data = load_iris()
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for row, label in zip(data.data, data.target):
            writer.writerow([*row, data.target_names[label]])
    return file


def main(folder="pictures"):
    """Draw four models and how good they are; return the pictures."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    data = str(table(folder / "iris.csv"))
    files = [folder / name for name in ("knn.png", "knn_metric.png", "tree.png", "groups.png", "map.png")]

    # KNN：只用两列（花瓣的长和宽），就能画出每一类的区域
    model = cls("KNN")
    model.load_dataset(data, type="csv", x_column=[2, 3], y_column=[4])
    model.train()
    model.plot(save=files[0], show=False)
    model.metricplot(save=files[1], show=False)

    # 决策树：画出它提的每一个问题
    model = cls("CART", para={"max_depth": 3})
    model.load_dataset(data, type="csv", x_column=[0, 1, 2, 3], y_column=[4])
    model.train()
    model.plot(save=files[2], show=False)

    # 聚类：不告诉它花的名字，让它自己分成三组
    model = clt("Kmeans", N_CLUSTERS=3)
    model.load_dataset(data, type="csv", x_column=[0, 1, 2, 3])
    model.train()
    model.plot(save=files[3], show=False)

    # 降维：把四列变成两列，画成一张地图
    model = rdc("PCA", n_components=2)
    model.load_dataset(data, type="csv", x_column=[0, 1, 2, 3], y_column=[4])
    model.train()
    model.plot(save=files[4], show=False)

    print(f"{len(files)} 张图片在 {folder} 文件夹中")
    return files


if __name__ == "__main__":
    main()
