"""Files of other projects: which network they hold, and its weights by our names.

``opening`` alone imports it, and only for a file that is not ours. ``families`` holds the tables, one file a project.
"""
