"""The relay between the stores (R80): "this key changed" rows, and the projections that re-read the truth.

Apps call `emit` inside their transactions and register projections in `AppConfig.ready()`."""
