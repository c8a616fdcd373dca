"""Papers: the catalogue, what a replication tells, and its board."""
