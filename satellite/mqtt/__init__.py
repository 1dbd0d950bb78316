"""MQTT: the broker connection (``client``) and this satellite in Home Assistant (``own_entities``).

It knows nothing of devices, tools or the conversation.
"""
