"""A web page that tells flowers apart (用 PyWebIO 把鸢尾花模型变成网页): python iris_web_page.py

First run iris_mmbase.py, which trains and saves the network. PyWebIO: pip install "mmedu[pywebio]".
请先运行 iris_mmbase.py 训练并保存模型，然后在浏览器中打开 http://127.0.0.1:8080 。
"""

import sys

from pywebio import config, start_server
from pywebio.input import FLOAT, input_group
from pywebio.input import input as field
from pywebio.output import put_markdown, put_table

from MMEdu import MMBase

FLOWER = ["山鸢尾", "变色鸢尾", "维吉尼亚鸢尾"]
NAMES = ["花萼长", "花萼宽", "花瓣长", "花瓣宽"]


@config(title="鸢尾花识别")
def page():
    """Ask for four lengths, and say which flower it is, again and again."""
    model = MMBase()
    model.load("checkpoints/mmbase_net.pkl")  # 载入训练好的模型
    put_markdown("# 这是哪一种鸢尾花？")
    while True:
        fields = [
            field(f"{name}（厘米）", name=f"x{at}", type=FLOAT, required=True) for at, name in enumerate(NAMES, 1)
        ]
        lengths = list(input_group("请输入四个长度", fields).values())
        shares = model.inference([lengths])[0]  # 每一种花的概率
        best = model.print_result()[0]["预测值"]
        put_markdown(f"## {FLOWER[best]}")
        put_table([[name, f"{float(share):.1%}"] for name, share in zip(FLOWER, shares)], header=["种类", "概率"])


if __name__ == "__main__":
    # host="" 时同一网络中的同学也可以访问 (host="" lets the class in); cdn=False：不需要互联网
    start_server(page, port=int(sys.argv[1]) if len(sys.argv) > 1 else 8080, host="127.0.0.1", cdn=False)
