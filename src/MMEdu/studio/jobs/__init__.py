"""Jobs: programs that run as processes of their own, and outlive the server that started them.

``job`` is what is known of one, ``process`` starts and ends it, ``events`` reads what it tells, ``jobs`` is the room.
"""
