"""The wake word: heard on this machine, and parted from what follows it."""
