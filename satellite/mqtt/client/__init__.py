"""The connection to the broker: it never gives up, and tells why it cannot be had."""
