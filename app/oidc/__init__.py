"""The OpenID Connect provider: what relying apps ask for, and what they get."""
