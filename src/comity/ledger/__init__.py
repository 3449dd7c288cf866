"""Recorded where? The append-only ledger in C2SP formats; it signs and verifies through ports."""
