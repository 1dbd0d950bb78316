"""The beta dialect of the Realtime API, over a session that speaks the GA dialect. Pure.

``requests`` checks a client's events and makes GA events of them, ``events`` makes beta events of
what the session emits, ``shapes`` has the session and response objects of the beta.
"""
