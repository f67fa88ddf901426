"""The detectors of MMDetection 2.x and 3.x: how their files call each weight. Data only; no torch comes in.

The configurations are those that the networks of ``MMEdu.models`` follow; both versions use the same names for them.
"""

from __future__ import annotations

from BaseDT.preprocess import Preprocess
from MMEdu.weights.foreign.tables import Rule, Table

_FAMILY, _TASK = "mmdet", "detection"
_CONV_NORM = {"conv": "0", "bn": "1"}
# What the moving average of weights has swapped out: the averages stand under the usual names.
_AVERAGING = "ema_{rest*}"

# Stage and block; with us the blocks are counted on from 2.
_BLOCKS_OF_STAGES = {2: 2, 3: 3, 4: 4, 5: 3, 6: 3, 7: 1}
_MOBILENET_BLOCKS = [f"{stage}.{block}" for stage, count in _BLOCKS_OF_STAGES.items() for block in range(count)]
_MOBILENET = (
    Rule("backbone.conv1.{part}.{leaf}", "backbone.features.0.{part}.{leaf}", values={"part": _CONV_NORM}),
    Rule(
        "backbone.layer1.0.{part}.{leaf}",
        "backbone.features.1.conv.{part}.{leaf}",
        values={
            "part": {
                "depthwise_conv.conv": "0.0",
                "depthwise_conv.bn": "0.1",
                "linear_conv.conv": "1",
                "linear_conv.bn": "2",
            }
        },
    ),
    Rule(
        "backbone.layer{block}.{part}.{leaf}",
        "backbone.features.{block}.conv.{part}.{leaf}",
        values={
            "block": {block: str(number) for number, block in enumerate(_MOBILENET_BLOCKS, start=2)},
            "part": {
                "expand_conv.conv": "0.0",
                "expand_conv.bn": "0.1",
                "depthwise_conv.conv": "1.0",
                "depthwise_conv.bn": "1.1",
                "linear_conv.conv": "2",
                "linear_conv.bn": "3",
            },
        },
    ),
)
_MOBILENET_LAST = Rule(
    "backbone.conv2.{part}.{leaf}", "backbone.features.18.{part}.{leaf}", values={"part": _CONV_NORM}
)

_SSD_KINDS = {"cls_convs": "cls_convs", "reg_convs": "reg_convs"}
_SSD_LITE = Table(
    family=_FAMILY,
    source_name="SSDLite-MobileNetV2",
    backbone="SSD_Lite",
    task=_TASK,
    rules=(
        *_MOBILENET,
        _MOBILENET_LAST,
        Rule(
            "neck.extra_layers.{level}.{part}.{leaf}",
            "extra.{level}.{part}.{leaf}",
            values={
                "part": {
                    "0.conv": "0.0",
                    "0.bn": "0.1",
                    "1.depthwise_conv.conv": "1.0.0",
                    "1.depthwise_conv.bn": "1.0.1",
                    "1.pointwise_conv.conv": "1.1.0",
                    "1.pointwise_conv.bn": "1.1.1",
                }
            },
        ),
        Rule(
            "bbox_head.{kind}.{level}.0.{part}.{leaf}",
            "{kind}.{level}.0.{part}.{leaf}",
            values={"kind": _SSD_KINDS, "part": _CONV_NORM},
        ),
        Rule("bbox_head.{kind}.{level}.1.{leaf}", "{kind}.{level}.1.{leaf}", values={"kind": _SSD_KINDS}),
    ),
    ignored=(_AVERAGING,),
    preprocess=Preprocess(size=(320, 320), interpolation="linear"),
    head=tuple(f"cls_convs.{level}.1.{leaf}" for level in range(6) for leaf in ("weight", "bias")),
)

_YOLO_PARTS = (
    Rule(
        "neck.detect{level+1}.conv{place+1}.{part}.{leaf}",
        "neck.levels.{level}.{place}.{part}.{leaf}",
        values={"part": _CONV_NORM},
    ),
    Rule("neck.conv{level+1}.{part}.{leaf}", "neck.ups.{level}.{part}.{leaf}", values={"part": _CONV_NORM}),
    Rule("bbox_head.convs_bridge.{level}.{part}.{leaf}", "bridges.{level}.{part}.{leaf}", values={"part": _CONV_NORM}),
    Rule("bbox_head.convs_pred.{level}.{leaf}", "predictors.{level}.{leaf}"),
)
_YOLO_HEAD = tuple(f"predictors.{level}.{leaf}" for level in range(3) for leaf in ("weight", "bias"))
_DARKNET = (
    Rule("backbone.conv1.{part}.{leaf}", "backbone.conv1.{part}.{leaf}", values={"part": _CONV_NORM}),
    Rule(
        "backbone.conv_res_block{stage+1}.conv.{part}.{leaf}",
        "backbone.blocks.{stage}.0.{part}.{leaf}",
        values={"part": _CONV_NORM},
    ),
    Rule(
        "backbone.conv_res_block{stage+1}.res{block}.conv{place}.{part}.{leaf}",
        "backbone.blocks.{stage}.{block+1}.conv{place}.{part}.{leaf}",
        values={"part": _CONV_NORM},
    ),
)
_YOLO = Table(
    family=_FAMILY,
    source_name="YOLOv3-D53",
    backbone="Yolov3",
    task=_TASK,
    rules=(*_DARKNET, *_YOLO_PARTS),
    ignored=(_AVERAGING,),
    # The files of 320, 416 and 608 differ in nothing else: ``image_size`` chooses another.
    preprocess=Preprocess(
        size=(416, 416), mean=(0.0, 0.0, 0.0), std=(255.0, 255.0, 255.0), resize="letterbox", interpolation="linear"
    ),
    head=_YOLO_HEAD,
)
_YOLO_MOBILENET = Table(
    family=_FAMILY,
    source_name="YOLOv3-MobileNetV2",
    backbone="Yolov3_MobileNet",
    task=_TASK,
    rules=(*_MOBILENET, *_YOLO_PARTS),
    # The last convolution of MobileNetV2 lies behind the last map that is read.
    ignored=("backbone.conv2.{rest*}", _AVERAGING),
    preprocess=Preprocess(size=(416, 416), resize="letterbox", interpolation="linear", pad_value=114),
    head=_YOLO_HEAD,
)

_RCNN = (
    Rule("backbone.conv1.{leaf}", "backbone.conv1.{leaf}"),
    Rule("backbone.bn1.{leaf}", "backbone.bn1.{leaf}"),
    Rule("backbone.layer{stage}.{rest*}", "backbone.layer{stage}.{rest*}"),
    Rule("neck.lateral_convs.{level}.conv.{leaf}", "neck.fpn.inner_blocks.{level}.0.{leaf}"),
    Rule("neck.fpn_convs.{level}.conv.{leaf}", "neck.fpn.layer_blocks.{level}.0.{leaf}"),
    Rule("rpn_head.rpn_conv.{leaf}", "rpn.head.conv.0.0.{leaf}"),
    Rule("rpn_head.rpn_cls.{leaf}", "rpn.head.cls_logits.{leaf}"),
    Rule("rpn_head.rpn_reg.{leaf}", "rpn.head.bbox_pred.{leaf}"),
    Rule("roi_head.bbox_head.{rest*}", "bbox_head.{rest*}"),
)
_MASK = (
    Rule("roi_head.mask_head.convs.{place}.conv.{leaf}", "mask_head.convs.{place}.{leaf}"),
    Rule("roi_head.mask_head.upsample.{leaf}", "mask_head.upsample.{leaf}"),
    Rule("roi_head.mask_head.conv_logits.{leaf}", "mask_head.conv_logits.{leaf}"),
)
# Pictures are fitted into 1333 × 800 and filled up to multiples of 32.
_RCNN_INPUT = Preprocess(size=(800, 1344), resize="letterbox", interpolation="linear", pad_value=114)
_RCNN_HEAD = tuple(f"bbox_head.{layer}.{leaf}" for layer in ("fc_cls", "fc_reg") for leaf in ("weight", "bias"))
_FASTER_RCNN = Table(
    family=_FAMILY,
    source_name="Faster R-CNN R50-FPN",
    backbone="FasterRCNN",
    task=_TASK,
    rules=_RCNN,
    ignored=(_AVERAGING,),
    preprocess=_RCNN_INPUT,
    head=_RCNN_HEAD,
)
_MASK_RCNN = Table(
    family=_FAMILY,
    source_name="Mask R-CNN R50-FPN",
    backbone="Mask_RCNN",
    task=_TASK,
    rules=(*_RCNN, *_MASK),
    ignored=(_AVERAGING,),
    preprocess=_RCNN_INPUT,
    head=(*_RCNN_HEAD, "mask_head.conv_logits.weight", "mask_head.conv_logits.bias"),
)

TABLES: tuple[Table, ...] = (_SSD_LITE, _YOLO, _YOLO_MOBILENET, _FASTER_RCNN, _MASK_RCNN)
