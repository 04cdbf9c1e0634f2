"""Calls on a tenant's word: to addresses that everybody may reach, and to no other."""
