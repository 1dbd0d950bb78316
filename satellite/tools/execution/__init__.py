"""From a plan to what became of it: sent once, confirmed by the devices themselves."""
