"""The wake word: recognised on this machine, and cut off from what follows it."""
