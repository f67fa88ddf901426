"""XEdu.hub: ``from XEdu.hub import Workflow as wf``."""
