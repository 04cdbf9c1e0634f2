"""Mail: addresses, how it is written, how it is sent."""
