"""Detection: where which objects are in a picture, as boxes and, of some models, masks. The room of this task.

Importing it loads nothing; ``spec`` names its parts.
"""
