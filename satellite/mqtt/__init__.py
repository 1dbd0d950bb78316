"""The broker: the connection that never gives up, and the satellite's place in the home.

``broker`` keeps the connection, ``presence`` shows the satellite in Home Assistant and takes its
commands, ``bridge`` carries messages between the broker and the pure ``satellite.home``.
"""
