"""The schema of all that a client may send: sessions, items, responses, events.

Sources: the GA schema of the Realtime API (August 2026) and refusals of the original server.
"""
