"""Speech recognition: sound becomes one of the sentences that the home's grammar knows.

Begin with ``listener``: it takes one client's audio, reduces noise (``noise``), finds speech
(``vad``) and has it recognised. ``recognise`` asks the child process (``recogniser_worker``) that
runs the decoder (``recogniser``).
"""
