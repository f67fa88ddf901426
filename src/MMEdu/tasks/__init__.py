"""Tasks: what differs between classification, detection, … A room each, described by a ``TaskSpec``.

No task imports another: what two of them share lies in this folder or below it, in ``engine``, ``export``, ``BaseDT``.
"""
