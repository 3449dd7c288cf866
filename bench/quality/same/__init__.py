"""Pairs that are one and the same: aliases that lists give, and names as noise leaves them."""
