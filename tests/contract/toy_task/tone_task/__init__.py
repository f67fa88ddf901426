"""A task that the project has never heard of: how light is a picture, a number from 0 to 1. No classes.

A sample is two files: a picture and the text with its tone. Registered by ``register`` at the end of this file; nothing
else of the project is edited.
"""


def register() -> None:
    """Add the task, its model and its kind of output."""
    from MMEdu.models import registry as models
    from MMEdu.tasks import registry as tasks
    from tone_task import spec
    from XEdu.outputs import kind as kinds

    kinds.register("tone", "tone_task.kind:KIND")
    models.register(spec.TONE_NET)
    tasks.register(spec.SPEC)


def unregister() -> None:
    """Take the task out again."""
    from MMEdu.models import registry as models
    from MMEdu.tasks import registry as tasks
    from tone_task import spec

    tasks.unregister(spec.SPEC)
    models.unregister(spec.TONE_NET)
