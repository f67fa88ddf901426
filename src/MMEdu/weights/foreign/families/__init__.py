"""One file per family of sources, each with its ``TABLES``: data only, without torch."""
