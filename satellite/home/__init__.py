"""The home, pure: discovery messages become devices, devices become functions and commands.

Nothing in here opens a socket or reads a clock. ``satellite.mqtt`` carries messages in and out.
"""
