"""Language understanding: words become function calls, and their results become replies. Pure.

Begin with ``interpreter``. ``skills`` lists the phrases with their calls, ``vocabulary`` the names
of this home, ``phrases`` is the template language of both, ``replies`` words the results.
"""
