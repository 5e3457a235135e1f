"""The demo city: Suwon's outlines with an invented city inside them, of any size, from a seed."""
