"""``mmedu class``: a teacher's server in the room. A shelf, hand-ins judged on hidden pictures, a wall, photographs.

A second small application in the studio's frame: ``server`` runs it, ``app`` knows teacher and pupils apart,
``classroom`` holds what lies in the folder of the class, ``routes`` is its JSON API. Everything is a file that a person
can read, and is there again after a restart. ``link`` is the other side: how a pupil's own studio talks to it.
"""
