"""In and out without loss: what can be imported and exported, and the road of a file (docs/decisions/0014-exchange.md)."""
