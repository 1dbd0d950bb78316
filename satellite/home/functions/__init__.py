"""What a model may call: one module for each capability, and the policy that holds them.

The modules here see a device only through `device.Device`, so that they know nothing of MQTT.
"""
