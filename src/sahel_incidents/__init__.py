"""Sahel Incidents: sourced records of armed-conflict incidents, and the tools that keep them true.

Nothing is imported here: each module is light or heavy on its own, and callers choose.
"""
