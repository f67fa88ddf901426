"""What layers are in torch: a file a family, as in ``kinds``."""
