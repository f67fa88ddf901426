"""What a network is made of: kinds of layers (a file a family in ``kinds``), their shapes, their modules."""
