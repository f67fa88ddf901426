"""BaseDT: pictures, datasets and results. The torch-free foundation of MMEdu.

The rooms are imported by their own names (``BaseDT.image``, ``BaseDT.preprocess``, ...), so that a program pays only
for what it uses. Nothing here imports torch.
"""
