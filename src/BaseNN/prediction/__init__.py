"""From a trained network to answers."""
