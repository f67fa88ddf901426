"""The Python that a job runs, a file a kind: ``train``, ``convert`` … Each has ``KIND``; ``kinds`` finds them.

A program is built of values by ``repr``: nothing that somebody typed is ever pasted into it.
"""
