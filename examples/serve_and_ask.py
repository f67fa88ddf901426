"""Serve a model, and ask it as another computer would (启动模型服务并调用).

python serve_and_ask.py model.onnx photo.jpg

The model is any that MMEdu converted. 模型为 MMEdu 转换得到的任意模型。
"""

import json
import sys
from urllib.request import Request, urlopen

import BaseDeploy as bd  # noqa: N813


def ask(address, photo):
    with open(photo, "rb") as file:  # noqa: PTH123
        request = Request(address + "/upload", file.read(), {"Content-Type": "image/jpeg"})
    with urlopen(request) as answer:
        return json.load(answer)


def main(model, photo, port=1956):
    service = bd.load(model).run_fastapi(port, block=False)  # host="0.0.0.0" lets the network in (允许局域网访问)
    try:
        answer = ask(service.address, photo)
        print(answer)
        return answer
    finally:
        service.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
