"""Architectures, and what is known of each before it is built: input, recipe, publication (``registry``).

A task's models live in its folder; each model's own file registers it. Nothing here trains, reads files or shows.
"""
