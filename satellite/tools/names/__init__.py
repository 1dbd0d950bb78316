"""Which device is meant: a name that no other has, and who bears it."""
