"""XEdu.outputs: a file a kind of output, from raw arrays to results, words, drawings and scores.

``kind`` has the description that every kind gives of itself and their registry; the rest of XEdu knows no kind.
"""
