"""From words to function calls, and from their results to replies. Pure.

``understand`` is the door; ``skills`` holds what can be asked for, ``vocabulary`` what this home
is called, ``phrases`` the small language that both are written in.
"""
