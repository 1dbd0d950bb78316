"""An always-on voice satellite for homes that run Home Assistant and MQTT."""

__version__ = "0.1.0"
