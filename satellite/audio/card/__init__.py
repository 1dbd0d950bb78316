"""The card itself: which devices there are, how one is opened, and who owns PortAudio."""
