"""The browser tool: one page on this computer, over ``MMEdu.actions``. Nothing leaves the machine.

``server`` runs it; ``routes`` is its JSON API, a file a part; ``page`` is what the browser loads.
"""
