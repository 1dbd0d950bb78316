"""A platform that Home Assistant does not have; ``test_one_platform`` adds this folder to the real
ones."""
