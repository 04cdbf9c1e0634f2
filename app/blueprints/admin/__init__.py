"""The admin console of a tenant."""
