"""An exported model behind HTTP, and what every server of ours shares: the guard at its door. Never torch.

``answering`` opens what answers, ``service`` is its application, ``running`` runs it, ``page`` is what a browser shows.
"""
