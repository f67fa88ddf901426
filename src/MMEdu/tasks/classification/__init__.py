"""Classification: one class for each picture. The room of this task.

Importing it loads nothing; ``spec`` names its parts.
"""
