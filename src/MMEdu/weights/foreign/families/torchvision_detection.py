"""torchvision's Faster and Mask R-CNN: their weights as a start for ours. Data only; no torch comes in.

Their anchors are rounded and regions are read without the half pixel, so that ours would not give their answers.
"""

from __future__ import annotations

from MMEdu.weights.foreign.tables import Rule, Table

_BLOCKS = {"block": {"inner_blocks": "inner_blocks", "layer_blocks": "layer_blocks"}}
# Where two rules speak of one weight, the second is for files of early versions.
_RCNN = (
    Rule("backbone.body.{rest*}", "backbone.{rest*}"),
    Rule("backbone.fpn.{block}.{level}.0.{leaf}", "neck.fpn.{block}.{level}.0.{leaf}", values=_BLOCKS),
    Rule("backbone.fpn.{block}.{level}.{leaf}", "neck.fpn.{block}.{level}.0.{leaf}", values=_BLOCKS),
    Rule("rpn.head.conv.0.0.{leaf}", "rpn.head.conv.0.0.{leaf}"),
    Rule("rpn.head.conv.{leaf}", "rpn.head.conv.0.0.{leaf}"),
    Rule("rpn.head.cls_logits.{leaf}", "rpn.head.cls_logits.{leaf}"),
    Rule("rpn.head.bbox_pred.{leaf}", "rpn.head.bbox_pred.{leaf}"),
    Rule("roi_heads.box_head.fc{place+6}.{leaf}", "bbox_head.shared_fcs.{place}.{leaf}"),
    Rule("roi_heads.box_predictor.cls_score.{leaf}", "bbox_head.fc_cls.{leaf}", convert="background_last_rows"),
    Rule("roi_heads.box_predictor.bbox_pred.{leaf}", "bbox_head.fc_reg.{leaf}", convert="no_background_boxes"),
)
_MASK = (
    Rule("roi_heads.mask_head.{place}.0.{leaf}", "mask_head.convs.{place}.{leaf}"),
    Rule("roi_heads.mask_head.mask_fcn{place+1}.{leaf}", "mask_head.convs.{place}.{leaf}"),
    Rule("roi_heads.mask_predictor.conv5_mask.{leaf}", "mask_head.upsample.{leaf}"),
    Rule(
        "roi_heads.mask_predictor.mask_fcn_logits.{leaf}", "mask_head.conv_logits.{leaf}", convert="no_background_mask"
    ),
)
_OTHERWISE = "rounded anchors, regions without the half pixel"
_HEAD = tuple(f"bbox_head.{layer}.{leaf}" for layer in ("fc_cls", "fc_reg") for leaf in ("weight", "bias"))

TABLES: tuple[Table, ...] = (
    Table(
        family="torchvision",
        source_name="fasterrcnn_resnet50_fpn",
        backbone="FasterRCNN",
        task="detection",
        rules=_RCNN,
        head=_HEAD,
        only_start=_OTHERWISE,
    ),
    Table(
        family="torchvision",
        source_name="maskrcnn_resnet50_fpn",
        backbone="Mask_RCNN",
        task="detection",
        rules=(*_RCNN, *_MASK),
        head=(*_HEAD, "mask_head.conv_logits.weight", "mask_head.conv_logits.bias"),
        only_start=_OTHERWISE,
    ),
)
