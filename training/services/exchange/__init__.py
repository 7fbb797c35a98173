"""Questions and lessons as files (docs/decisions/0014-exchange.md)."""
