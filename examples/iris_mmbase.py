"""Iris with MMBase: four measures of a flower, three kinds (用 MMBase 识别鸢尾花): python iris_mmbase.py

The layers are those of the documents. The file that is saved is the one that the documents' web application loads.
网络结构与文档一致；保存的 mmbase_net.pkl 可直接用于文档中的 PyWebIO 应用。
"""

from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

from MMEdu import MMBase

FLOWER = ["山鸢尾", "变色鸢尾", "维吉尼亚鸢尾"]


def main(epochs=300):
    """Learn from 120 flowers, tell the kind of 30 others, and of one that is typed in."""
    x, y = load_iris(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=0.2, random_state=1, stratify=y)

    model = MMBase()
    model.set_seed(1)
    model.load_data(train_x, train_y)  # 载入数据
    model.add_layer("Linear", 4, 10)  # 4 个特征 -> 10 个神经元
    model.add_layer("ReLU")
    model.add_layer("Linear", 10, 3)  # 3 类花
    model.add_layer("Softmax")
    model.print_model()
    model.train(lr=0.01, epochs=epochs)
    model.save("checkpoints/mmbase_net.pkl")

    again = MMBase()  # 在另一个程序里
    again.load("checkpoints/mmbase_net.pkl")
    right = again.inference(test_x).argmax(dim=1).numpy() == test_y
    print(f"正确率：{right.mean():.0%}")

    again.inference([[5.9, 3.0, 4.2, 1.5]])
    result = again.print_result()
    print("这朵花是", FLOWER[result[0]["预测值"]])
    return right.mean(), FLOWER[result[0]["预测值"]]


if __name__ == "__main__":
    main()
