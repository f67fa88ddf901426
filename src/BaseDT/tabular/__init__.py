"""Tables of numbers and labels: CSV as schools have it, arrays, lists, frames. Numpy only. 表格数据。

- ``reading``: ``read_table`` makes a ``Table`` of a file
- ``table``: ``Table``, whose columns become numbers or labels
- ``arrays``: the same of what is in memory already: arrays, lists, frames
- ``labels``: ``Labels``, whole numbers with names where they were words
- ``cells``: a text as a number: decimal commas, full-width digits, what means "missing"
- ``dividing``: which rows are held out
"""
