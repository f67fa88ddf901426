"""What several classifiers share: the input and the recipe of ImageNet's networks, and the options of an entry."""
