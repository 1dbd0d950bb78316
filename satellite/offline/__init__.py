"""A Realtime server on this machine: hears, understands and speaks without a cloud.

It speaks the GA dialect of the Realtime API over WebSocket, as strictly as the original, so that
the demo needs no key, the tests hold a real conversation, and a home whose internet is down can
still switch on its lights.

``session`` is pure protocol, ``understand`` is pure understanding; ``server`` is the edge that
carries them, with ``vad``, ``recognise`` and ``voice`` as its ears and mouth.
"""
