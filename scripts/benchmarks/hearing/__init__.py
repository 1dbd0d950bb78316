"""What the local server makes of commands by many voices in many rooms.

``python -m scripts.benchmarks.hearing``; see ``__main__``.
"""
