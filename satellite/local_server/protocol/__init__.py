"""One session of the Realtime API: what may be asked, what is answered, in which order. Pure.

``session`` is the door: it is told what the client sent and what the other parts found, and
answers with ``actions``. No socket, no clock, no sound.
"""
