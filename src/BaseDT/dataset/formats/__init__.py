"""What data sets look like elsewhere: a file per format, each with ``read(folder) -> Source``. ``making`` calls them.

No picture is opened and nothing is written here.
"""
