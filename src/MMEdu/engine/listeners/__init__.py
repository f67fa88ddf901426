"""Listeners: what turns the engine's events into lines, bars and files. The only modules of the engine that print."""
