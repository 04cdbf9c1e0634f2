"""What relying apps call, and where they send people."""
