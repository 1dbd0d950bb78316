"""Home Assistant's MQTT integration as a library, pure: messages in, states and commands out."""
