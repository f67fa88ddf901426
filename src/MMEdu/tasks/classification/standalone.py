"""The script that runs an exported classifier without any library of ours: onnxruntime, numpy and OpenCV, Python 3.7.

``{name}``, ``{script}`` and ``{model}`` are filled in by ``export.sample``.
"""

from __future__ import annotations

SCRIPT = '''\
"""Run {name} with onnxruntime, numpy and OpenCV alone: python {script} my_picture.jpg

BaseData.py lies beside this script (需要同目录下的 BaseData.py).
"""

import json
import os
import sys

import numpy as np

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before its import: nothing is reported (不上报使用数据)
import onnxruntime as rt

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)  # the BaseData.py beside this script, not another one (使用同目录下的 BaseData.py)
import BaseData

sess = rt.InferenceSession(os.path.join(here, {model}), providers=["CPUExecutionProvider"])
input_name = sess.get_inputs()[0].name
out_name = sess.get_outputs()[0].name
info = json.loads(sess.get_modelmeta().custom_metadata_map["mmedu"])
tag = info["classes"]

image = sys.argv[1] if len(sys.argv) > 1 else np.random.RandomState(0).randint(0, 256, (480, 640, 3)).astype(np.uint8)
dt = BaseData.ImageData(image, preprocess=info["preprocess"])

input_data = dt.to_tensor()
probs = sess.run([out_name], {{input_name: input_data}})[0][0]
if hasattr(sys.stdout, "reconfigure"):
    sys.stdout.reconfigure(errors="replace")  # a console that cannot show Chinese (控制台无法显示中文时不报错)
if info["kind"] == "multi_label":  # several labels a picture (一张图片可有多个标签)
    least = info["options"].get("thresholds") or [0.5] * len(tag)
    ids = [int(i) for i in np.argsort(-probs) if probs[i] >= least[i]]
    print({{"标签": ids, "置信度": [float(probs[i]) for i in ids], "预测结果": [tag[i] for i in ids]}})
else:
    idx = int(np.argmax(probs))
    print({{"标签": idx, "置信度": float(probs[idx]), "预测结果": tag[idx]}})
'''
