"""A network of one's own for pictures in class folders (用自己的图片训练自己搭的网络): python own_pictures.py [FOLDER]

The folder holds one folder for each class. Without one, pictures of scikit-learn's digits are written first.
Some pictures are held out and scored after every epoch; the best epoch's file lies beside the last one's.
数据集：每个类别一个文件夹。训练时留出一部分图片做验证，最好的一轮另存为 best_acc_epoch_N.pth。
"""

import sys
from pathlib import Path

from sklearn.datasets import load_digits

from BaseDT.image import write
from BaseNN import nn, pth_info


def made(folder, digits=(0, 1, 7), most=60):
    """Write pictures of digits into class folders."""
    bunch = load_digits()
    for digit in digits:
        for number, picture in enumerate(bunch.images[bunch.target == digit][:most]):
            write(Path(folder) / f"数字{digit}" / f"{number}.png", (picture * 255 / 16).astype("uint8"))
    return folder


def main(folder=None, epochs=20):
    """Train, ask about the pictures of a folder, and look at what the file says."""
    folder = folder or made("我的图片")

    model = nn("cls", save_fold="my_net")
    model.set_seed(1)
    train, held_out = model.load_img_data(
        folder,
        batch_size=16,
        train_val_ratio=0.8,  # 五分之一的图片只用来验证
        color="grayscale",
        transform={"Resize": (16, 16), "RandomRotation": 10},  # 随机旋转只在训练时使用
    )
    for x, y in train:
        print("一批图片：", tuple(x.shape), "标签：", y.tolist())
        break

    model.add("conv2d", size=(1, 8), kernel_size=3, activation="relu")
    model.add("maxpool", kernel_size=2)
    model.add("linear", size=32, activation="relu")  # 省略输入：自动计算
    model.add("linear", size=len(model.img_classes), activation="softmax")
    log = model.train(lr=0.005, epochs=epochs, metrics=["acc"])
    print(f"最后一步：loss {log[-1]['loss']:.3f}，验证正确率 {log[-1]['val_acc']:.1%}")

    # 推理：一张图片、一个文件夹、或 load_img_data 返回的数据
    answers = model.inference(held_out)
    right = (answers.argmax(axis=1) == model.val_label).mean()
    one_class = Path(folder) / model.img_classes[0]
    model.inference(str(one_class), checkpoint="my_net/basenn.pth")
    said = model.print_result()
    pth_info("my_net/basenn.pth")
    return right, said[0]["预测结果"]


if __name__ == "__main__":
    main(*sys.argv[1:2])
