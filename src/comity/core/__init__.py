"""What everyone needs: errors, identifiers, canonical encoding, clock and store ports, limits.

This room is imported by module (`from comity.core.ids import NodeId`): it is the one room whose
modules are its face.
"""
