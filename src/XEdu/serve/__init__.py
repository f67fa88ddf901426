"""An exported model behind HTTP, and what every server of ours shares: the guard at its door. Never torch."""
