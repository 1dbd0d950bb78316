"""The loudspeaker's echo removed from the microphone, and voices found that speak over it."""
