"""Sample: a relying party's backend that opens accounts, and a simulated phone that reads the card for it."""
