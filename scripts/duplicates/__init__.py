"""What `measure_duplicates.py` searches in: planted duplicates, and real neighbours."""
