"""Listeners: what turns the engine's events into lines, bars and files. The only rooms of the library that print."""
