"""The wire: a Realtime server's dialects, and the link that never gives up.

``Link`` holds one WebSocket connection after another to a server that speaks OpenAI's Realtime
protocol or something close to it. What arrives is translated to ``conversation.events``, what is
to be said comes as ``conversation.commands``; nothing outside this room knows how either is
spelled. A new provider is a new line in ``dialects``.
"""
