"""The main jobs, shown on real data that needs no network: what ``mmedu demo`` runs.

A task's ``spec`` names its demo, and ``registry`` finds it. ``digits`` and ``pages`` make data sets; a task's own file
trains on one and looks at the result. Only ``cli`` may call these; nothing that another part of the library needs comes
in.
"""
