"""扩散模型画数字（A diffusion model learns to draw digits）: python draw_digits.py

训练集是 scikit-learn 自带的 1797 张手写数字，不需要下载。双核电脑大约训练两三分钟；画出的数字由另一个网络来认。
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from sklearn.datasets import load_digits

from BaseDT import image
from BaseNN import nn


def write_digits(folder, count=None):
    """把数字写成 28×28 的图片，每个数字一个文件夹。"""
    digits = load_digits()
    for number, (small, label) in enumerate(zip(digits.images[:count], digits.target)):
        large = cv2.resize(small * (255 / 16), (20, 20), interpolation=cv2.INTER_CUBIC)
        picture = np.pad(np.clip(large, 0, 255).astype(np.uint8), 4)
        image.write(Path(folder) / str(label) / f"{number}.png", picture)


def painter(folder, epochs, timestep, save_fold):
    """学会画数字的网络。"""
    model = nn("gen", save_fold=save_fold)
    model.load_img_data(folder, color="grayscale", batch_size=64)
    model.add("diffusion_model", img_size=28, timestep=timestep)
    model.train(lr=0.004, epochs=epochs)
    return model


def judge(folder, epochs, save_fold):
    """学会认数字的网络，结构与 LeNet 相似。"""
    model = nn("cls", save_fold=save_fold)
    model.set_seed(1)
    model.load_img_data(folder, color="grayscale", batch_size=32, train_val_ratio=0.8)
    model.add("conv2d", size=(1, 6), kernel_size=(5, 5), padding=2, activation="relu")
    model.add("maxpool", kernel_size=(2, 2))
    model.add("conv2d", size=(6, 16), kernel_size=(5, 5), activation="relu")
    model.add("maxpool", kernel_size=(2, 2))
    model.add("linear", size=(400, 120), activation="relu")
    model.add("linear", size=(120, 84), activation="relu")
    model.add("linear", size=(84, 10), activation="softmax")
    model.train(lr=0.002, epochs=epochs, metrics=["acc"])
    return model


def main(folder="digits", epochs=25, judge_epochs=15, num=10, count=None, timestep=500, save_fold="checkpoints"):
    """训练两个网络，画几张，看看另一个网络认得多少。"""
    write_digits(folder, count)
    judging = judge(folder, judge_epochs, f"{save_fold}/judge")
    drawing = painter(folder, epochs, timestep, f"{save_fold}/painter")
    pictures = drawing.inference(num=num)  # (张数, 501, 1, 28, 28)：从噪声到图片的每一步
    drawing.show(pictures, size=(2, num // 2), save=f"{save_fold}/drawn.png")
    drawing.show(pictures, size=(2, 8), visual_timesteps=True, save=f"{save_fold}/steps.png")
    sure = judging.inference(data=pictures[:, -1])
    for number, row in enumerate(sure):
        print(f"想画 {number % 10}：像 {row.argmax()}，把握 {row.max():.0%}")
    right = (sure.argmax(axis=1) == np.arange(num) % 10) & (sure.max(axis=1) > 0.9)
    print(f"{num} 张中有 {right.sum()} 张认得出（认对，并且把握超过 90%）")
    return sure


if __name__ == "__main__":
    main(epochs=int(sys.argv[1]) if len(sys.argv) > 1 else 25)
