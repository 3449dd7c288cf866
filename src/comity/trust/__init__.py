"""Who is who: the directory that members sign together, and the persons of a node."""
