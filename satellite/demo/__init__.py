"""A virtual room, a broker, a small home and a person, made of Debian packages on loopback.

The demo, the whole-system tests and ``scripts/bench`` use it. Its parts are real: PulseAudio as the
sound card, mosquitto as the broker, and the unchanged satellite as a process.
"""
