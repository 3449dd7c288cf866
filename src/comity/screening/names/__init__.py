"""A name as it is read: Latin words, whatever script they came in, and what they are."""

from comity.screening.names.likeness import matches, near, sounds_alike
from comity.screening.names.model import Name, Sort, Token
from comity.screening.names.nicknames import nicknames
from comity.screening.names.rarity import rarest, rarity
from comity.screening.names.read import read_name
from comity.screening.names.skeleton import skeleton
from comity.screening.names.words import acronym

__all__ = [
    "Name",
    "Sort",
    "Token",
    "acronym",
    "matches",
    "near",
    "nicknames",
    "rarest",
    "rarity",
    "read_name",
    "skeleton",
    "sounds_alike",
]
