"""What a discovery message says: long keys, checked fields, one announcement. No state, no devices.

``parse`` is the door; what becomes of an announcement decides the registry.
"""
