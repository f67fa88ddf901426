"""Tasks: what differs between classification, detection, ... Each in one file; the engine knows only ``base``.

A task may use ``BaseDT`` and ``MMEdu.models``; it never imports the engine.
"""
