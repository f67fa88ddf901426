"""Teach gestures from folders of pictures, tell them live (教手势，再识别): python gestures_with_camera.py 手势

The folder has one folder of pictures for each gesture, twenty of each are enough: 手势/点赞/*.jpg, 手势/拳头/*.jpg …
Hands are found by Workflow(task="pose_hand21"); what is learned are the places of their 21 points. Ctrl-C ends.
每种手势一个文件夹，每个文件夹约 20 张图片即可；按 Ctrl-C 结束。
"""

import sys
from pathlib import Path

import numpy as np

from BaseDT.io import Camera
from XEdu.hub import Workflow
from XEdu.teach import softmax_regression


def learn(hands, folder):
    """Return the names of the gestures, and the layer that tells them by the features of a hand."""
    names = sorted(path.name for path in Path(folder).iterdir() if path.is_dir())
    rows, labels = [], []
    for label, name in enumerate(names):
        hands.inference(Path(folder) / name)
        features = hands.features()  # one row for each hand that was found
        rows.extend(features)
        labels.extend([label] * len(features))
        print(f"{name}: {len(features)}")
    return names, softmax_regression.fit(np.stack(rows), np.array(labels), len(names))


def gestures(hands, names, layer, frame):
    """Return the gesture of each hand in a picture, and how sure it is."""
    if not hands.inference(frame):
        return []
    return [(names[scores.argmax()], float(scores.max())) for scores in layer.probabilities(hands.features())]


def main(folder, camera=0):
    """Learn, then say what each hand in front of the camera shows."""
    hands = Workflow(task="pose_hand21")
    names, layer = learn(hands, folder)
    with Camera(camera) as frames:
        for frame in frames:
            print("  ".join(f"{name} {score:.0%}" for name, score in gestures(hands, names, layer, frame)))


if __name__ == "__main__":
    main(*sys.argv[1:])
