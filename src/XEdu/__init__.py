"""XEdu: runs exported models. Never imports torch.

``XEdu.hub`` is the documented door (``from XEdu.hub import Workflow as wf``); ``XEdu.runtime`` opens any
model.
"""
