"""一个字一个字地学写诗（A network learns a poem, character by character, and writes on）: python write_a_poem.py 月

网络只看过下面这首诗。它每次读一个字，猜下一个字是什么；把猜到的字再交给它，它就一直写下去。
"""

import sys

import numpy as np

from BaseNN import nn

POEM = """月光落在窗台上，小小机器学着唱。
先认星星后认字，再把春风写两行。
一行写给山和水，一行写给远方灯。
写到半夜不肯睡，数着屋檐雨几声。
雨声停了云散去，湖面开出一朵莲。
莲叶托着旧时梦，梦里同学坐船边。
船儿摇到桥那头，桥下小鱼慢慢游。
问它今年多少岁，它说水知我不愁。
清早太阳敲门来，机器把诗念出来。
念错一句大家笑，笑声把花都催开。
花开花落又一年，黑板擦了又写满。
愿你带着这盏灯，走过小路见大海。
"""
STEPS = 16  # 一次读多少个字


def samples(poem):
    """把诗切成一段一段：x 是一段字的编号，y 是同一段向后移一个字。"""
    word2idx = {word: number for number, word in enumerate(sorted(set(poem)))}
    numbers = np.array([word2idx[word] for word in poem])
    starts = range(len(numbers) - STEPS)
    x = np.array([numbers[start : start + STEPS] for start in starts])
    y = np.array([numbers[start + 1 : start + STEPS + 1] for start in starts])
    return x, y, word2idx


def write(model, start, count, boldness=0.0, random=None):
    """从 start 开始再写 count 个字。boldness 是胆量：0 时总取最可能的字，越大越爱换字。"""
    text, word, hidden = start, start, None
    for _ in range(count):
        shares, hidden = model.inference(data=word, hidden=hidden)  # hidden 是网络记住的上文
        if boldness:
            shares = shares ** (1 / boldness)  # 胆量越大，各个字的机会越接近
            number = random.choice(len(shares), p=shares / shares.sum())
        else:
            number = shares.argmax()
        word = model.ix2word[number]
        text += word
    return text


def main(start="月", epochs=20, save_fold="checkpoints/poem"):
    """训练，然后写诗。"""
    x, y, word2idx = samples(POEM)
    model = nn("gen", save_fold=save_fold)
    model.set_seed(1)
    model.load_dataset(x, y, word2idx=word2idx)
    model.add("em_lstm", size=(64, 128), num_layers=1)
    model.train(lr=0.01, epochs=epochs, batch_num=4)
    print("\n背诵：\n" + write(model, start, 60))
    print("\n自己写：\n" + write(model, start, 60, boldness=2.5, random=np.random.default_rng(0)))
    return model


if __name__ == "__main__":
    main(*sys.argv[1:2])
