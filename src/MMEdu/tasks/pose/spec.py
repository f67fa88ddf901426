"""The task of keypoints, described for the rest of the project."""

from __future__ import annotations

from MMEdu.tasks.spec import DemoEntry, TaskSpec

_ROOM = "MMEdu.tasks.pose"

SPEC = TaskSpec(
    name="pose",
    documented_class="MMEdu.pose:MMPose",
    default_folder="checkpoints/pose_model",
    result_folder="pose_result",
    output_kind="keypoints",
    train_arguments=f"{_ROOM}.arguments:PoseArguments",
    predict_arguments=f"{_ROOM}.arguments:PosePrediction",
    is_dataset="BaseDT.dataset.keypoints:looks_like_keypoints",
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
    check_sheet="points.png",
    usual_start=f"{_ROOM}.arguments:usual_start",
    chinese_name="关键点",
    labelled="MMEdu.tasks.picture_data:labelled",
    demo=DemoEntry("pose", "MMEdu.demo.pose:show", ("joints of stick figures are found", "寻找火柴人的关节点")),
    narrower_than=("detection", "segmentation"),
)
