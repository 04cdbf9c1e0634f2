"""``python -m bench``: what the portal does in a second, beside what the machine could. See README.md."""
