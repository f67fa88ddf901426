"""The segmentation task, described for the rest of the project."""

from __future__ import annotations

from MMEdu.tasks.spec import DemoEntry, TaskSpec

_ROOM = "MMEdu.tasks.segmentation"

SPEC = TaskSpec(
    name="segmentation",
    documented_class="MMEdu.segmentation:MMSegmentation",
    default_folder="checkpoints/seg_model",
    result_folder="seg_result",
    output_kind="segmentation",
    train_arguments=f"{_ROOM}.arguments:SegmentationArguments",
    predict_arguments=f"{_ROOM}.arguments:SegmentationPrediction",
    is_dataset="BaseDT.dataset.segmentation:looks_like_segmentation",
    load_data=f"{_ROOM}.data:load",
    resolve=f"{_ROOM}.arguments:resolve",
    plan=f"{_ROOM}.plan:parts",
    report=f"{_ROOM}.report:write_report",
    report_meanings=f"{_ROOM}.report:MEANINGS",
    predictor=f"{_ROOM}.prediction:predictor",
    signature=f"{_ROOM}.signature:signature",
    evaluation_set=f"{_ROOM}.evaluation:evaluation_set",
    pictures=f"{_ROOM}.evaluation:pictures",
    check=f"{_ROOM}.check:check",
    check_sheet="masks.png",
    usual_start=f"{_ROOM}.arguments:usual_start",
    chinese_name="分割",
    labelled="MMEdu.tasks.picture_data:labelled",
    demo=DemoEntry("seg", "MMEdu.demo.segmentation:show", ("their pixels are found", "分割手写数字的像素")),
)
