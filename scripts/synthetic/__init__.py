"""Invented packages of any size; `make_synthetic.py` beside this folder is the command."""
