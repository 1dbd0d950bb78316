"""From sound to words: where speech is (``vad``), and which sentence of the home it was (``ears``).

``recognise`` is the way to the recogniser's own process, ``worker`` what runs there.
"""
