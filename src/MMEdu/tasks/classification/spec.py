"""The classification task, described for the rest of the project."""

from __future__ import annotations

from MMEdu.tasks.spec import DemoEntry, TaskSpec

_ROOM = "MMEdu.tasks.classification"

SPEC = TaskSpec(
    name="classification",
    documented_class="MMEdu.classification:MMClassification",
    default_folder="checkpoints/cls_model",
    result_folder="cls_result",
    output_kind="classification",
    train_arguments=f"{_ROOM}.arguments:ClassificationArguments",
    predict_arguments=f"{_ROOM}.arguments:ClassificationPrediction",
    is_dataset="",  # what no other task recognises
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
    check_sheet="network_view.png",
    usual_start=f"{_ROOM}.starting:usual_start",
    standalone=f"{_ROOM}.standalone:SCRIPT",
    features_signature=f"{_ROOM}.signature:with_features",
    chinese_name="分类",
    labelled="MMEdu.tasks.picture_data:labelled",
    demo=DemoEntry("cls", "MMEdu.demo.classification:show", ("handwritten digits are classified", "手写数字分类")),
)
