"""How good a model really is: judged on pictures whose content is known, as numbers, pictures and a table.

A file a kind of output; ``run`` knows none of them. Torch stays out: a trained network comes as a ``Model``, too.
"""
