"""From what is to be said to the loudspeaker, and what was heard of it."""
