"""Sound: the card, the loudspeaker, and hearing; here lies what the last two share.

Nothing heavy is imported here: numpy, soxr and the echo canceller are loaded when a card or a
setting first needs them.
"""
