"""Throws broken files and wrong arguments at the product: whatever is not an error with a name of ours is a finding.

``python -m tests.fuzz --minutes 60 --seed 7`` runs it for long, each target in processes of their own with limits on
time and memory; ``test_fuzz.py`` runs the first cases of every target in ``make test``. A case is named by target,
seed and number, and the same three give the same case: ``--target pictures --seed 7 --first 1234 --cases 1``.
"""
