"""Pictures of what a network sees: features of its layers, noise, samples."""
