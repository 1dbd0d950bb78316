"""A room, a home and a person on this machine: nothing but Debian packages and loopback.

The demo, the whole-system tests and ``scripts/bench`` all stand on this stage. Every part is a
real one: PulseAudio plays the sound card, mosquitto is the broker, and the satellite is started
exactly as ``satellite run`` starts it.
"""
