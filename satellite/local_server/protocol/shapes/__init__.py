"""The shape of everything a client may send: sessions, items, responses, events.

Source: the GA schema of the Realtime API (its August 2026 edition) and what the original server
was seen to refuse.
"""
