"""Sound cards: which one a name means, how it is opened, who holds it, who calls the system."""
