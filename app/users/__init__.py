"""Accounts, as administrators and operators see them."""
