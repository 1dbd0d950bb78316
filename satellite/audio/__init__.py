"""Sound: cards, capture, echo canceller, wake word, playback.

Nothing heavy is imported here: numpy, soxr and the echo canceller are loaded when a card or a
setting first needs them.
"""
