"""Service calls of Home Assistant: their data, the checks of it, the commands to publish."""
