"""Petra, who registers."""

EMAIL = "petra@acme.example"
MINE = "petra velvet orbit 71"
