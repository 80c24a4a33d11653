"""Pads text on the left."""


def pad(text, width):
    return str(text).rjust(width)
