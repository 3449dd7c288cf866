"""The composition root: reads the configuration, wires a node, runs its workers.

It is the only room that knows every other; it decides nothing about law, state or rights.
"""
