"""Signal and gradient measured layer by layer."""
