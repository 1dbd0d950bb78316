"""From sound to words: where speech is (``vad``), and which sentence of the home it was (``ears``).

``listener`` is the door: one client's sound, its noise taken out (``noise``). ``recognise`` is the
way to the recogniser's own process, which runs ``ears``.
"""
