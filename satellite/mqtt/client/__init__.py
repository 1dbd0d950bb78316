"""The connection to the broker: reconnects for ever and reports why it cannot connect."""
