"""Judging a client: a stand-in server, the client's driver, and situations that tell clients apart.

A *situation* says what the driver is told, how the stand-in answers, and how promises are judged
from what then happened. The driver is started afresh for each one, so no state is carried over.
"""
