"""Which entities there are, and who hears what."""
