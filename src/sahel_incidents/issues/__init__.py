"""What people report through a form on GitHub, read as a card."""
