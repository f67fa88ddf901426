"""A network of one's own for a table, and for numbers (用表格训练神经网络：分类与回归): python own_table.py

The table is a CSV file with a line of names; its last column is the label. Stop it with Ctrl-C: resume=True goes on.
表格：第一行为列名，最后一列为标签（可以是文字）。训练时按 Ctrl-C 停止后，可用 resume=True 接着训练。
"""

import csv
from pathlib import Path

from sklearn.datasets import load_diabetes, load_iris

from BaseNN import nn


def written(bunch, file, names=None):
    """Write one of scikit-learn's tables as a file."""
    with Path(file).open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow([*bunch.feature_names, "label"])
        for x, y in zip(bunch.data, bunch.target):
            rows.writerow([*x, names[int(y)] if names else y])
    return file


def flowers(epochs=300):
    """Classes: which iris is it?"""
    file = written(load_iris(), "鸢尾花.csv", ["山鸢尾", "变色鸢尾", "维吉尼亚鸢尾"])
    model = nn("cls", save_fold="iris_net")
    model.set_seed(2)
    _, held_out = model.load_tab_data(file, batch_size=120, train_val_ratio=0.8)
    model.add("linear", size=(4, 10), activation="relu")
    model.add("linear", size=(10, 5), activation="relu")
    model.add("linear", size=(5, 3), activation="softmax")
    model.train(lr=0.01, epochs=epochs, metrics=["acc"])
    right = (model.inference(held_out).argmax(axis=1) == model.val_label).mean()
    model.inference([5.1, 3.5, 1.4, 0.2])  # 一朵花的四个数
    return right, model.print_result()[0]["预测结果"]


def numbers(epochs=300):
    """Numbers: how far does the disease go on within a year?"""
    bunch = load_diabetes()
    bunch.data = bunch.data / bunch.data.std(axis=0)  # 各列的大小相近，网络才容易学
    file = written(bunch, "糖尿病.csv")
    model = nn("reg", save_fold="diabetes_net")  # 回归：最后一列是数值
    model.set_seed(1)
    model.load_tab_data(file, batch_size=442)
    model.add("linear", size=(10, 16), activation="relu")
    model.add("linear", size=(16, 1))  # 输出一个数，不加激活函数
    log = model.train(lr=0.01, epochs=epochs, loss="MSELoss", metrics=["mae"])
    answer = model.inference(bunch.data[:1])
    print(f"预测 {answer[0, 0]:.0f}，实际 {bunch.target[0]:.0f}")
    return log[-1]["mae"]


if __name__ == "__main__":
    flowers()
    numbers()
