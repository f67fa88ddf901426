"""A file a family of layers; each lists its ``KINDS``. Found, not listed."""
