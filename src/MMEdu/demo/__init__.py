"""The main jobs, shown on real data that needs no network: what ``mmedu demo`` runs.

``digits`` makes the data set, ``classification`` trains on it and looks at the result. Only ``cli`` may call these;
nothing that another part of the library needs comes in.
"""
