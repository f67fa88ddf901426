"""Learn gestures from points in a second (从关键点学手势): python thumbs_up.py

A camera would give hands through Workflow(task="pose_hand21"); its features() are what is learned here. So that it runs
anywhere, this example draws its hands from numbers: 21 points, moved, turned, tilted, of any size and never the same.
实际使用时，用 Workflow(task="pose_hand21") 推理照片或摄像头画面，再用 features() 取特征；本示例用程序生成的手代替照片。
"""

import time

import numpy as np

from BaseDT.results import KeypointsResult
from BaseDT.results.skeletons import HAND21
from XEdu.teach import softmax_regression

GESTURES = {  # how far each finger is bent, from thumb to little finger: 0 stretched, 1 in the fist
    "thumbs_up": (0, 1, 1, 1, 1),
    "fist": (1, 1, 1, 1, 1),
    "open": (0, 0, 0, 0, 0),
    "victory": (1, 0, 0, 1, 1),
}
KNUCKLES = [(-30, -25), (-25, -90), (-8, -95), (10, -90), (26, -80)]
DIRECTIONS = [-0.95, -0.15, 0.0, 0.12, 0.3]  # of stretched fingers, in radians from up, clockwise


def hand(bends, rng):
    """Return the points of a hand as a model finds them: x, y in pixels, (21, 2)."""
    points = [(0.0, 0.0)]
    for bend, (x, y), direction in zip(bends, KNUCKLES, DIRECTIONS):
        bend = np.clip(bend + rng.normal(0, 0.12), 0, 1)
        angle = direction + rng.normal(0, 0.08)
        for _ in range(4):
            points.append((x, y))
            x, y = x + 27 * np.sin(angle), y - 27 * np.cos(angle)
            angle += 1.9 * bend if direction < -0.5 else 1.6 * bend  # the thumb folds over the palm
    points = np.array(points) * rng.uniform(0.5, 2) * (1, rng.uniform(0.8, 1.1))
    turn = rng.normal(0, 0.3)
    points = points @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    points += rng.normal(0, 1.5, points.shape)  # a network is never exact
    return points + rng.uniform(100, 500, 2)


def seen(gesture, rng):
    """Return what a hand's model says of a picture of a gesture; about half of the hands are left ones."""
    points, name = hand(GESTURES[gesture], rng), rng.choice(["right", "left"])
    if name == "left":
        points = points * (-1, 1) + (600, 0)
    return KeypointsResult(points, np.ones(21), name=str(name), names=HAND21.names, skeleton=HAND21.bones)


def pictures(count, rng):
    """Return features (N, F) and labels (N,) of so many pictures of each gesture."""
    # With a camera: hands.inference(data=frame); x = hands.features()
    rows = [seen(gesture, rng).features() for gesture in GESTURES for _ in range(count)]
    return np.stack(rows), np.repeat(np.arange(len(GESTURES)), count)


def main(each=20):
    """Learn from twenty pictures of each gesture, and try two hundred new ones."""
    rng = np.random.default_rng(0)
    x, y = pictures(each, rng)
    start = time.perf_counter()
    layer = softmax_regression.fit(x, y, len(GESTURES))
    seconds = time.perf_counter() - start
    new_x, new_y = pictures(200, rng)
    scores = layer.probabilities(new_x)
    right = float((scores.argmax(1) == new_y).mean())
    print(f"{len(x)} 张图片，{x.shape[1]} 个特征，训练用时 {seconds:.3f} 秒，新图片正确率 {100 * right:.1f} %")
    name = list(GESTURES)[int(scores[0].argmax())]
    print({"预测结果": name, "置信度": round(float(scores[0].max()), 2)})
    return {"seconds": seconds, "right": right, "answer": name}


if __name__ == "__main__":
    main()
