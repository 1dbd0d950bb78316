"""One session of the Realtime API: requests, events and their order. Pure.

Begin with ``session``: its methods take what the client sent and what the other parts found, and
return ``actions``. No socket, no clock, no audio device.
"""
