"""What may happen to a conversation: what a server tells (``server``), and what happens on this
machine (``local``).
"""

from satellite.conversation.events.local import LocalEvent
from satellite.conversation.events.server import ServerEvent

SAMPLE_RATE_HZ = 24_000
"""The only PCM rate that OpenAI's Realtime API accepts; all audio inside the satellite uses it."""
BYTES_PER_MS = SAMPLE_RATE_HZ // 1000 * 2
"""One millisecond of 16-bit mono audio is 48 bytes."""

Event = ServerEvent | LocalEvent
