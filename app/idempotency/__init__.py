"""A request that is sent again creates nothing twice, where its client has given it a key."""
