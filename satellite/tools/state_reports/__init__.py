"""States of devices in the words of people."""
