"""Commands that need the person's confirmation: questions, answers, PINs and codes."""
