"""Relationship operations by the thousand while the graph and the relay are killed: what is left must be what was
answered.

`installation` starts and kills, `model` knows what every operation answers and changes, `player` is one thread of
clients that keeps account of what it was told."""
