"""What a model may call, and what becomes of a call.

``catalog`` lists it, ``call_handler`` takes the calls. ``names`` knows which devices are meant,
``capabilities`` what to do with them, ``policy`` and ``confirmation`` whether it may be done, and
``execution`` what came of it.
"""
