"""Tenants: founding, resolving, looking."""
