"""The engine: feed, optimise, evaluate, save, report by events. It knows tasks only by their protocol.

The documented classes conduct it; it imports ``MMEdu.tasks`` and ``MMEdu.models`` and nothing above.
"""
