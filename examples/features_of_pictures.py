"""Pictures for classic algorithms: each becomes 441 numbers (用 HOG 特征识别手写数字): python features_of_pictures.py

Two folders, each with a folder of pictures for each class. 训练集和测试集各是一个文件夹，其中每个类别一个子文件夹。
"""

from pathlib import Path

import cv2
import numpy as np
from sklearn.datasets import load_digits

from BaseML import Classification as cls  # noqa: N813 文档的写法
from BaseML import IMGLoader


def pictures(folder="数字图片", each=20):
    """Write scikit-learn's handwritten digits as pictures: three classes (把手写数字写成图片)."""
    data = load_digits()
    for split, place in (("training_set", 0), ("test_set", each)):
        for digit in (0, 1, 4):
            target = Path(folder) / split / str(digit)
            target.mkdir(parents=True, exist_ok=True)
            for number, image in enumerate(data.images[data.target == digit][place : place + each]):
                pixels = cv2.resize((image * 15).astype(np.uint8), (64, 64), interpolation=cv2.INTER_CUBIC)
                cv2.imencode(".png", pixels)[1].tofile(target / f"{number}.png")
    return Path(folder)


def main():
    """Train with features, and ask for one picture."""
    folder = pictures()
    loader = IMGLoader.ImageLoader(folder / "training_set", folder / "test_set")
    x_train, y_train, x_test, y_test = loader.get_data(method="hog")  # 还可以用 lbp（纹理）、flatten（像素）
    print("每张图片变成", x_train.shape[1], "个数")

    model = cls("SVM")
    model.load_dataset(x_train, y_train, type="numpy", split=False)
    model.train()
    score, _ = model.valid(x=x_test, y=y_test)

    picture = loader.pre_process(folder / "test_set" / "4" / "0.png")
    label = model.inference(loader.get_feature(picture, method="hog"))[0]
    return score, loader.get_label_by_id(label)[0]


if __name__ == "__main__":
    print(main())
