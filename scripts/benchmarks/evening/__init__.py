"""What an evening with a television costs, in virtual time, with the real conversation and gate."""
