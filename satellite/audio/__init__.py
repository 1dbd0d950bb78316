"""The sound card: microphone, loudspeaker, resampling, echo, voice onset, chimes.

Nothing heavy is imported here: numpy, soxr and the echo canceller are loaded when a card or a
setting first needs them.
"""
