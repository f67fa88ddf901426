"""Several labels a picture: toy posters with squares, discs and crosses (一张图片多个标签): python several_labels.py

It draws its own pictures into my_posters/ and writes labels.csv beside them: one line for each picture, its labels
parted by semicolons. The lines that train are those of any classifier; the table says that there may be several labels.
示例自己画图并写出 labels.csv（每张图片一行，标签用分号分隔）。训练代码与普通分类完全相同。
"""

import csv
from pathlib import Path

import cv2
import numpy as np

from MMEdu import MMClassification

NAMES = ("square", "disc", "cross")
FOLDER = Path("my_posters")


def draw_poster(shapes, rng):
    """Return a picture, 32×32, with each of these shapes somewhere."""
    picture = rng.integers(0, 60, (32, 32), np.uint8)
    corners = rng.permutation([(2, 2), (2, 18), (18, 2), (18, 18)])
    for shape, (x, y) in zip(shapes, corners.tolist()):
        if shape == "square":
            cv2.rectangle(picture, (x, y), (x + 10, y + 10), 230, -1)
        elif shape == "disc":
            cv2.circle(picture, (x + 5, y + 5), 5, 230, -1)
        else:
            cv2.line(picture, (x, y), (x + 10, y + 10), 230, 2)
            cv2.line(picture, (x + 10, y), (x, y + 10), 230, 2)
    return picture


def make_posters(count, rng):
    """Write pictures with any of the shapes, and the table of what is on them."""
    (FOLDER / "images").mkdir(parents=True, exist_ok=True)
    with (FOLDER / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", "labels"])
        for number in range(count):
            shapes = [name for name in NAMES if rng.random() < 0.5]
            cv2.imencode(".png", draw_poster(shapes, rng))[1].tofile(FOLDER / "images" / f"{number:04}.png")
            table.writerow([f"{number:04}.png", ";".join(shapes)])


def main(pictures=400, epochs=10):
    """Make a set, learn it, ask for what is on a new picture."""
    rng = np.random.default_rng(0)
    make_posters(pictures, rng)
    model = MMClassification(backbone="LeNet")
    model.load_dataset(path=FOLDER)
    model.train(epochs=epochs, optimizer="Adam", lr=0.002, batch_size=16, random_seed=1)
    model.inference(image=draw_poster(["square", "cross"], rng), show=False)
    return model.print_result()  # [{'标签': [2, 0], '置信度': [1.0, 0.99], '预测结果': ['cross', 'square']}]


if __name__ == "__main__":
    main()
