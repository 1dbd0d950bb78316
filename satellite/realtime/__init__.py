"""The client of the Realtime API: the link that reconnects for ever, and the servers' dialects.

``link.Link`` holds one WebSocket connection after another to a server that speaks OpenAI's Realtime
protocol or something close to it. What arrives becomes ``conversation.events.server``, what is sent
comes as ``conversation.commands``; nothing outside this folder knows how either is spelled. A new
provider is one entry in ``dialects``.
"""
