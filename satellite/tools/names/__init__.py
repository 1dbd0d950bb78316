"""Gives each device a unique name, and finds the device that a name means."""
