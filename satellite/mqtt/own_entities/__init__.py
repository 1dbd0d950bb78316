"""The satellite's own entities in Home Assistant: their states and commands."""
