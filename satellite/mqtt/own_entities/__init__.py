"""The satellite itself in Home Assistant: what it shows, and what it may be told."""
