"""A Realtime server on this machine: hears, understands and speaks without a cloud.

It speaks the GA dialect of the Realtime API over WebSocket, as strictly as the original, and the
beta dialect with clients that do, so that the demo needs no key, the tests hold a real
conversation, and a home whose internet is down can still switch on its lights.

``protocol`` is one session without a socket, ``asr`` turns sound into words, ``nlu`` words into
function calls and replies, ``tts`` text into sound. ``interpretation`` is the interface between
``protocol`` and ``nlu``. ``server`` and ``connection`` are the socket side, ``http_api`` answers
requests for client secrets; ``worker`` runs slow work in a child process.
"""
