"""In and out without loss: what can be brought in and taken out, and the road of a file
(docs/decisions/0014-exchange.md)."""
