"""Looking into networks: what each layer makes of a sample, what noise does to a picture, what was drawn."""
