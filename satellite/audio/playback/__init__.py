"""The loudspeaker: what is played, and what was heard of it."""
