"""A Realtime server on this machine: hears, understands and speaks without a cloud.

It speaks the GA dialect of the Realtime API over WebSocket, as strictly as the original, so that
the demo needs no key, the tests hold a real conversation, and a home whose internet is down can
still switch on its lights.

``protocol`` is one session, without a socket; ``hearing`` is from sound to words;
``understanding`` is from words to calls and replies; ``mind`` is all that the protocol knows of
it; ``speaking`` is from text to sound. ``server`` and ``connection`` are the edge that carries
them, ``worker`` a child process for what takes long.
"""
