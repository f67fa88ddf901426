"""The task and its one model, described."""

from BaseDT.preprocess import Preprocess
from MMEdu.models.recipe import Recipe
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.spec import TaskSpec

SPEC = TaskSpec(
    name="tone",
    documented_class="tone_task.documented:MMTone",
    default_folder="checkpoints/tone_model",
    result_folder="tone_result",
    output_kind="tone",
    train_arguments="tone_task.arguments:ToneArguments",
    predict_arguments="tone_task.arguments:TonePrediction",
    is_dataset="tone_task.data:is_dataset",
    load_data="tone_task.data:load",
    resolve="tone_task.arguments:resolve",
    plan="tone_task.learning:parts",
    report="tone_task.report:write_report",
    report_meanings="tone_task.report:MEANINGS",
    predictor="tone_task.prediction:predictor",
    signature="tone_task.prediction:signature",
    evaluation_set="tone_task.data:evaluation_set",
    pictures="tone_task.data:pictures",
    check="tone_task.data:check",
)
TONE_NET = ModelEntry(
    name="ToneNet",
    task="tone",
    factory="tone_task.network:ToneNet",
    preprocess=Preprocess(size=(16, 16)),
    recipe=Recipe(batch_size=4),
    reference="none: a toy",
    has_classes=False,
)
