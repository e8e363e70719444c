"""What `benchmark.py` beside this folder measures, and how."""
