"""Who may come in, and how: the gate, what leads to it, and what it gives out."""
