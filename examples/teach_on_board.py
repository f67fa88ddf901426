"""Teach a board two things with two buttons (用两个按钮教会开发板): python teach_on_board.py model.onnx

Hold a button: what the camera sees becomes an example of its class. Let go: the board says what it sees.
按住按钮：摄像头的画面成为该类别的样本；松开按钮：显示识别结果。关闭窗口时保存为 mine.onnx。

The model is any classifier of model.convert(…, features=True). The buttons are the keys a and b of a keyboard (a board
may have buttons that type these); on a Raspberry Pi with gpiozero also two between GPIO 17, GPIO 27 and ground.
"""

import sys
import tkinter

from BaseDT.io import Camera
from XEdu.teach import Learner

NAMES = ("A", "B")  # call your classes as you like (类别名称可以修改)
KEYS = ("a", "b")
PINS = (17, 27)


def look(learner, frame, held):
    """Learn from a frame while a button is held, otherwise say what it shows."""
    for name, is_held in zip(NAMES, held):
        if is_held:
            learner.add(name, frame)
            return f"{name}: {learner.counts[name]}"
    if len(learner.classes) < len(NAMES):
        return "Hold A, then B (先按住 A，再按住 B)"
    result = learner.predict(frame)
    return f"{result['预测结果']} {result['置信度']:.0%}"


class Window:
    """Shows the camera's picture with a line of text, and knows which keys are held."""

    def __init__(self):
        self.root = tkinter.Tk()
        self.picture, self.line = tkinter.Label(self.root), tkinter.Label(self.root, font=("", 24))
        self.picture.pack()
        self.line.pack()
        self.keys, self.open = set(), True
        self.root.bind("<KeyPress>", lambda event: self.keys.add(event.keysym.lower()))
        self.root.bind("<KeyRelease>", lambda event: self.keys.discard(event.keysym.lower()))
        self.root.protocol("WM_DELETE_WINDOW", self.close)

    def close(self):
        self.open = False

    def show(self, frame, text):
        height, width = frame.shape[:2]
        data = b"P6 %d %d 255\n" % (width, height) + frame[:, :, ::-1].tobytes()  # BGR becomes RGB
        self.photo = tkinter.PhotoImage(data=data, format="PPM")
        self.picture.configure(image=self.photo)
        self.line.configure(text=text)
        self.root.update()


def pins():
    """The buttons of a Raspberry Pi; none where there is no gpiozero, or there are no pins."""
    try:
        from gpiozero import Button

        return [Button(pin) for pin in PINS]
    except ImportError:
        return []


def main(model, camera):
    learner, window, wired = Learner(model), Window(), pins()
    for frame in camera:
        held = [key in window.keys for key in KEYS]
        held = [key or button.is_pressed for key, button in zip(held, wired)] or held
        window.show(frame, look(learner, frame, held))
        if not window.open:
            break
    if len(learner.classes) == len(NAMES):
        print(f"{learner.save('mine.onnx')}: {learner.counts}")


if __name__ == "__main__":
    with Camera(0, width=320, height=240) as frames:
        main(sys.argv[1], frames)
