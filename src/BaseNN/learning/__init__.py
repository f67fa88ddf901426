"""The torch side of a training over ``MMEdu.engine``: feeds, losses, metrics, optimisers."""
