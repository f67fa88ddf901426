"""From a table of numbers to a board (机器学习模型，装到开发板上): python iris_on_board.py

第一部分在电脑上运行：训练、保存、转换。第二部分在开发板上运行：只需要 XEdu，不需要 scikit-learn。
数据来自 scikit-learn 自带的鸢尾花数据集，每行 4 个数。
"""

from pathlib import Path

from sklearn.datasets import load_iris

from BaseML import Classification as cls  # noqa: N813
from XEdu.hub import Workflow as wf  # noqa: N813


def on_the_computer(folder, algorithm):
    """电脑上：训练，保存为 iris.pkl，再转换成 iris.onnx。"""
    iris = load_iris()
    model = cls(algorithm)
    # scale=True：每一列缩放到 0 到 1。缩放也会写进转换后的文件，开发板上直接使用原始数据。
    model.load_dataset(iris.data, iris.target_names[iris.target], type="numpy", scale=True)
    model.train()
    model.valid(metrics="accuracy")
    model.save(folder / "iris.pkl")
    model.convert(folder / "iris.pkl", folder / "iris.onnx")
    return folder / "iris.onnx"


def on_the_board(model, flower):
    """开发板上：推理一行数据。"""
    iris = wf(task="baseml", checkpoint=model)
    iris.inference(data=[flower])
    result = iris.format_output(lang="zh")
    return result["预测值"][0]


def main(folder="iris_on_board", algorithm="KNN"):
    """先在电脑上，再在开发板上。"""
    folder = Path(folder)
    model = on_the_computer(folder, algorithm)
    said = on_the_board(model, [5.9, 3.0, 5.1, 1.8])
    print("这朵花是", said)
    return said


if __name__ == "__main__":
    main()
