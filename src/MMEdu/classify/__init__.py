"""What is classification's own: its data, its training, its answers, where a classifier looks.

The documented class conducts these rooms; the engine, export and the rooms above know no task.
"""
