"""The detection task, described for the rest of the project."""

from __future__ import annotations

from MMEdu.tasks.spec import DemoEntry, TaskSpec

_ROOM = "MMEdu.tasks.detection"

SPEC = TaskSpec(
    name="detection",
    documented_class="MMEdu.detection:MMDetection",
    default_folder="checkpoints/det_model",
    result_folder="det_result",
    output_kind="detection",
    train_arguments=f"{_ROOM}.arguments:DetectionArguments",
    predict_arguments=f"{_ROOM}.arguments:DetectionPrediction",
    is_dataset="BaseDT.dataset.coco:looks_like_coco",
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
    check_sheet="boxes.png",
    usual_start=f"{_ROOM}.arguments:usual_start",
    chinese_name="检测",
    labelled="MMEdu.tasks.picture_data:labelled",
    demo=DemoEntry("det", "MMEdu.demo.detection:show", ("they are found on pages", "在页面上检测手写数字")),
)
