"""Pairs that are two: at random, and chosen to be taken for one another."""
