"""An exported model behind HTTP, and what every server of ours shares: the guard at its door. Never torch.

``running.start`` runs a service: ``answering`` opens what answers, ``service`` is its application, ``page`` what a browser
shows of it.
"""
