"""Templates of discovery messages: compiled once, rendered often, never trusted.

``template`` is the door: a plain path becomes a look-up, everything else runs in ``sandbox``, which
(with Jinja) is loaded when the first such template arrives.
"""
