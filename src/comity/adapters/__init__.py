"""How is the world reached? One module or package per technology, and no decision in any.

Each is its own face, so that a command that only writes a file never loads a database driver:
`memory`, `system`, `files`, `sql` and `http`.
"""
