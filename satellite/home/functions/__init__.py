"""What a model may call, and what becomes of a call.

``catalog`` lists it, ``desk`` takes the calls. ``naming`` knows which devices are meant,
``capabilities`` what to do with them, ``policy`` and ``consent`` whether it may be done, and
``calls`` what came of it.
"""
