"""The pages that need no sign-in: one module a noun."""
