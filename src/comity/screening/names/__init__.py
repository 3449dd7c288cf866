"""A name as it is read: Latin words, whatever script they came in, and what they are."""

from comity.screening.names.model import Name, Sort, Token
from comity.screening.names.read import read_name
from comity.screening.names.skeleton import skeleton

__all__ = ["Name", "Sort", "Token", "read_name", "skeleton"]
