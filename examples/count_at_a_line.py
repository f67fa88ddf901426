"""Count who crosses the middle of the picture (统计越过画面中线的目标): python count_at_a_line.py model.onnx [video]

The model is any detector that MMEdu converted. 模型为 MMEdu 转换得到的目标检测模型。
"""

import sys

from BaseDT.io import Camera
from XEdu.hub import Workflow
from XEdu.live.track import Counter


def main(model, frames):
    detector = Workflow(task="mmedu", checkpoint=model)
    counter = Counter(line="0,0.5,1,0.5")  # from left to right: "in" is downwards (从左到右的线：“in” 为向下)
    for frame in frames:
        counter.update(detector.inference(frame, thr=0.1), frame)
        for crossing in counter.crossings:
            print(crossing.thing.name, crossing.direction, counter.counts)
    return counter.counts


if __name__ == "__main__":
    with Camera(sys.argv[2] if len(sys.argv) > 2 else 0) as camera:
        main(sys.argv[1], camera)
