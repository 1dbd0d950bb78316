"""The home process: joins MQTT, Home Assistant's devices and the tools, apart from the voice."""
