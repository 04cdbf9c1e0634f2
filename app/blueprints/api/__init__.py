"""The JSON API under /api/v1: the same nouns as the pages."""
