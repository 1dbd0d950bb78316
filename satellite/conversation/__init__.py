"""The pure core: turns, barge-in, what was heard, function calls, spending.

Nothing in here opens a socket, reads a clock or touches a sound card. ``machine.Conversation`` is
told what happened (``events``) and answers with what to do (``effects``).
"""
