"""What is detection's own: its data, its training, its answers.

The documented class conducts these rooms; the engine, export and the rooms above know no task.
"""
