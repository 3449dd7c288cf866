"""The figures of retrieval, shared by the index in memory and the compiled one.

They decide which rows are compared in full, never what an officer is shown as a score.
"""

LEAST_LIKENESS = 0.84
"""Jaro-Winkler likeness from which a word is a variant of another."""
SKELETON_LIKENESS = 0.88
"""Likeness at least granted to two words of one skeleton, longer than one letter."""
LEAST_SKELETON = 0.62
"""Likeness below which one skeleton is chance: `ali` and `aly`, never `aba` and `ivo`."""
LENGTH_APART = 2
"""Letters by which a variant may be longer or shorter; one skeleton allows more."""
SKELETON_APART = 4
VARIANTS = 48
"""Variants of one word that are followed."""
PER_KEY = 400
"""Words of one key that are looked at."""
DELETIONS_FROM = 4
"""Letters from which a word is also found with one letter lost, added or changed."""
NUMBER_DELETIONS_FROM = 6
"""The same for identifiers."""
READING = 0.97
"""Likeness of a word's second and further readings, at most."""
COMMON_BONUS = 0.003
"""Of two variants equally alike the commoner is followed: a bonus per e-fold of its names."""

FLOOR = 0.6
"""Least cheap score of a name that is compared in full."""
LONE_MATCH = 0.75
"""Factor where only one word of several agrees, in large segments."""
SMALL_FLOOR = 0.45
SMALL_LONE_MATCH = 0.95
"""The same two in small segments, where one rare word that agrees is worth a look."""
LAST_SHARE = 0.6
"""Share of a name's rarity below which its commonest word is not followed alone."""
LONE_COMPARED = 2
"""Rows below `FLOOR` that one search compares in full, at most."""
UNMATCHED = 0.03
"""Taken off for each word the held name has beyond those that agree, in large segments."""
SAME_YEAR = 0.08
NEXT_YEAR = 0.03
OTHER_YEAR = -0.12
SAME_DAY = 0.06
OTHER_SEX = -0.04
SAME_COUNTRY = 0.03
WEAK_ALIAS = -0.02
TIE = 0.005
"""Scores closer than this are no order: too many of them is said in the answer."""

SCANNED = 1_000_000
"""Postings read for one name asked, at most; beyond it the answer says *too common*."""
VERIFIED = 15_000
"""Held names compared word by word for one name asked, at most; the same."""
