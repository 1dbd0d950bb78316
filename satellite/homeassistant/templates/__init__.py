"""Templates of discovery messages: compiled once, rendered often, never trusted.

``template`` is the entry: a plain path becomes a look-up, everything else runs in ``sandbox``,
which is loaded (with Jinja) when the first such template arrives.
"""
