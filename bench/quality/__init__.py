"""How well screening tells one and the same from another: labelled sets, figures, peers."""
