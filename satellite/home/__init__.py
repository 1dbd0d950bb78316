"""The home process: broker, devices, tools and own entities, apart from the voice process."""
