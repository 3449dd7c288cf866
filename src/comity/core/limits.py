"""Every size a partner can make us pay for. One table, so that an auditor can read it."""

KIB = 1024
MIB = 1024 * KIB

BODY = 1 * MIB
"""Largest body inside one envelope, before padding; larger payloads travel as blobs."""
ENVELOPE = 2 * MIB + 64 * KIB
"""Largest envelope a node reads: a padded body and its headers."""
BATCH = 8 * MIB
"""Largest POST of envelopes."""
CONSIGNED = 256
"""Most envelopes in one consignment: each costs an answer, signed."""
ANSWER = 4 * KIB
"""Largest receipt, rejection or prekey notice read."""
DEPTH = 16
"""Deepest nesting of CBOR from a partner."""
ENTRIES = 65_536
"""Most entries in one array or map from a partner."""
TEXT = 64 * KIB
"""Longest single text field a form or a partner may send."""
NAME = 1_000
"""Longest name, in characters, that is screened."""
ATTACHMENT = 768 * KIB
"""Largest attachment carried inside a body."""
BLOB = 1024 * MIB
"""Largest attachment carried beside its envelope, in plaintext."""
BLOB_PIECE = 1 * MIB
"""Most bytes of a blob in one call."""
LEDGER_ENTRY = 65_535
"""Largest ledger entry (C2SP tlog-tiles: a 16-bit length)."""
NOTE = 1 * MIB
"""Largest checkpoint or signed note read."""
NOTE_SIGNATURES = 100
"""Most signature lines read in one note."""
UPLOAD = 256 * MIB
"""Largest file a person may hand to an importer."""
ROW_TEXT = 32 * KIB
"""Longest field in an imported row."""
FIELDS = 512
"""Most fields in one form."""
DIRECTORY_ROOT = 512_000
"""Largest root metadata of the directory (as python-tuf's client)."""
DIRECTORY_TIMESTAMP = 16_384
"""Largest timestamp metadata of the directory."""
DIRECTORY_SNAPSHOT = 2_000_000
"""Largest snapshot metadata of the directory."""
DIRECTORY_TARGETS = 5_000_000
"""Largest targets metadata of the directory, the federation's or a member's."""
DIRECTORY_ROTATIONS = 256
"""Most root versions walked from the pinned one."""
DIRECTORY_MEMBERS = 1_000
"""Most members in one directory."""
MEMBER_DOCUMENT = 512 * KIB
"""Largest document in which a member lists its agencies, nodes and keys."""
REGISTRY_ENTRY = 8 * KIB
"""Largest entry of the registry log."""
REGISTRY_ENTRIES = 65_536
"""Most entries of the registry log that are read."""
LISTED = 256
"""Most agencies, nodes, keys or words in one list of a member's document."""
LAW_TABLE = 8 * MIB
"""Largest table, or file of told cases, of one pack of law."""
BUNDLE_ITEMS = 10_000
"""Most messages in one bundle on removable media; more wait for the next one."""
BUNDLE_PART = 4 * MIB
"""Size at which a bundle's next file begins; a single message may make it larger."""
BUNDLE_PARTS = 256
"""Most files of one bundle beside its manifest."""
BUNDLE_GAPS = 256
"""Most missing bundles named in one acknowledgement."""
MEDIUM_NAMES = 2_000
"""Most names read in one folder of a medium."""
STICK = 2048 * MIB
"""Largest file of a stick that installs and upgrades."""
STICK_MEMBERS = 4_000
"""Most members of such a file."""
PARTIES = 64
"""Most parties of one case."""
SECTIONS = 62
"""Most sections of one act: with its frame and its fields, 64 leaves."""
FRAME = 16 * KIB
"""Largest frame of an act of several parties."""
CODE = 80
"""Longest code, kind or agency in a frame."""
ACTS = 10_000
"""Most acts numbered in one case, and most of its numbers held."""
PARTY_ACTS = 1_000
"""Most acts of one party in one case."""
FALSE = 64
"""Most pieces of evidence of one sort kept against one party in one case."""
PARKED = 256
"""Most acts of one party that wait for their numbers in one case."""
NUMBERS = 64
"""Most numbers in one message."""
NUMBER = 1 * KIB
"""Largest signed number, or signed statement of an act."""
JOINT_CASES = 1_000
"""Most open cases of several parties that one partner may have convened here."""
