"""`python -m sahel_incidents` is the command `incidents`."""

from .cli import run

run()
