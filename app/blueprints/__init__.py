"""The HTTP edge, and nothing but the edge."""
