"""Signal: what is measured layer by layer, its events, and their board."""
