"""Images: found, downloaded, read."""
