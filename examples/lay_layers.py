"""Lay a network for digits, layer by layer, and take it to a board (逐层搭建手写数字网络): python lay_layers.py

Each layer is checked as it is added. One of these does not fit: the message says which, and what would. The last lines
run the converted file, as a board without torch does.
每加一层都会检查形状：写错时会指出是第几层、输入多少、应当写多少。最后用转换后的 ONNX 文件推理（开发板上不需要 torch）。
"""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from BaseDT.errors import ParameterInvalid
from BaseNN import nn
from XEdu.hub import Workflow


class Gate(torch.nn.Module):
    """A layer of one's own: lets each number through as far as it is open (自定义层：门)."""

    def __init__(self, features):
        super().__init__()
        self.open = torch.nn.Linear(features, features)

    def forward(self, x):
        """(N, features) -> (N, features)."""
        return x * torch.sigmoid(self.open(x))


def main(epochs=120):
    """Learn digits of 8 × 8 pixels, and tell a fifth that was held out."""
    digits = load_digits()
    x = (digits.images / 16).astype("float32")[:, None]  # (1797, 1, 8, 8)：样本数、通道、高、宽
    train_x, test_x, train_y, test_y = train_test_split(x, digits.target, test_size=0.2, random_state=1)

    model = nn("cls")
    model.set_seed(1)
    model.load_dataset(train_x, train_y)
    model.add("conv2d", size=(1, 16), kernel_size=3, activation="relu")  # 16 × 6 × 6
    model.add("maxpool", kernel_size=2)  # 16 × 3 × 3
    try:
        model.add("linear", size=(400, 64), activation="relu")
    except ParameterInvalid as error:
        print(error)  # 第 3 层 linear：输入为 16 × 3 × 3 = 144 ...
    model.add("linear", size=64, activation="relu")  # 省略输入：自动取 144
    model.add(Gate(64))
    model.add("dropout", p=0.2)
    model.add("linear", size=10, activation="softmax")
    model.print_model()
    model.train(lr=0.005, epochs=epochs, metrics=["acc"])

    right = (model.inference(test_x).argmax(axis=1) == test_y).mean()
    print(f"正确率：{right:.1%}")

    model.convert(out_file="digits.onnx")
    answer = Workflow(task="basenn", checkpoint="digits.onnx").inference(data=test_x[:1])
    return right, int(answer[0].argmax()), int(test_y[0])


if __name__ == "__main__":
    main()
