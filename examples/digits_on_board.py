"""From a network of your own to a board (自己搭的网络，装到开发板上): python digits_on_board.py

第一部分在电脑上运行：搭网络、训练、转换。第二部分在开发板上运行：只需要 XEdu，不需要 PyTorch。
图片来自 scikit-learn 自带的手写数字，8×8 像素。
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from BaseDT import image
from BaseNN import nn
from XEdu.hub import Workflow as wf  # noqa: N813


def write_pictures(folder, count):
    """把手写数字写成图片，每类一个文件夹：digits/7/12.png。"""
    digits = load_digits()
    for number, (pixels, label) in enumerate(zip(digits.images[:count], digits.target, strict=False)):
        file = folder / str(label) / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        image.write(file, np.uint8(pixels * 15.9))


def on_the_computer(folder, epochs):
    """电脑上：训练，然后转换成 digits.onnx。"""
    model = nn("cls", save_fold=folder / "checkpoints")
    model.set_seed(1)
    model.load_img_data(folder / "digits", color="grayscale", batch_size=32, train_val_ratio=0.8)
    model.add("conv2d", size=(1, 16), kernel_size=3, activation="relu")
    model.add("maxpool", kernel_size=2)
    model.add("linear", size=(None, 10), activation="softmax")  # 输入的个数由前面的层决定
    model.train(lr=0.01, epochs=epochs, metrics=["acc"])
    return model.convert(folder / "checkpoints" / "basenn.pth", folder / "digits.onnx")


def on_the_board(model, picture):
    """开发板上：识别一张图片。"""
    digits = wf(task="basenn", checkpoint=model)
    digits.inference(data=picture)
    result = digits.format_output(lang="zh")
    return result[0]["预测结果"]


def main(folder="digits_on_board", count=1797, epochs=5):
    """先在电脑上，再在开发板上。"""
    folder = Path(folder)
    write_pictures(folder / "digits", count)
    model = on_the_computer(folder, epochs)
    picture = sorted((folder / "digits" / "7").glob("*.png"))[0]
    said = on_the_board(model, picture)
    print("这是数字", said)
    return said


if __name__ == "__main__":
    main()
