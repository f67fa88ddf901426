"""认动作（A network recognises movements）: python recognise_actions.py

每个动作是 30 步，每步 4 个数：左手和右手的横、纵坐标。
真实的坐标可以用 XEdu.hub 的人体关键点得到；这里用公式造出三种动作。
"""

import numpy as np

from BaseNN import nn

NAMES = ["站立", "挥手", "举起双手"]
STEPS = 30


def movement(label, random):
    """造一个动作：(30, 4)。"""
    time = np.linspace(0, 1, STEPS)
    hands = np.tile([-0.3, 0.0, 0.3, 0.0], (STEPS, 1))  # 双手垂在身体两侧
    if label == 1:  # 右手在头边左右摆动
        hands[:, 3] = 0.8
        hands[:, 2] += 0.2 * np.sin(2 * np.pi * (random.uniform(2, 4) * time + random.uniform()))
    elif label == 2:  # 双手一起从下往上
        hands[:, [1, 3]] = np.clip(random.uniform(1.2, 2) * time, 0, 1)[:, None]
    return hands + random.normal(0, 0.05, hands.shape) + random.normal(0, 0.05, 4)


def write(file, count, seed):
    """把 count 个动作写进 .npz 文件：data 是动作，label 是编号。"""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % len(NAMES)
    data = np.array([movement(label, random) for label in labels], np.float32)
    np.savez(file, data=data, label=labels)
    return data, labels


def main(train_file="actions.npz", epochs=20, save_fold="checkpoints/actions"):
    """训练，然后认没有见过的动作。"""
    write(train_file, 240, seed=0)
    model = nn("cls", save_fold=save_fold)
    model.set_seed(1)
    model.load_npz_data(train_file, classes=NAMES, batch_size=32)
    model.add("action_model", size=(4, 32))
    model.add("linear", size=(32, 3), activation="softmax")
    model.train(lr=0.01, epochs=epochs, metrics=["acc"])
    data, labels = write("new_actions.npz" if train_file == "actions.npz" else f"{train_file}.new.npz", 60, seed=1)
    sure = model.inference(data=data)
    right = (sure.argmax(axis=1) == labels).mean()
    print(f"60 个新动作认对 {right:.0%}；第一个是：{NAMES[sure[0].argmax()]}")
    return right


if __name__ == "__main__":
    main()
