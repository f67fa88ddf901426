"""What a face can ask for: train, predict, convert, quantize, check, info. Plain data in, events and plain data out.

The documented classes, the command line and the browser tool call these; no decision is taken above.
"""
