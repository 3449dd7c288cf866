"""Recorded where? The append-only ledger in C2SP formats; keys stay behind ports.

A ledger holds commitments and never content. Its tree, tiles, checkpoints, cosignatures and
proofs are those of RFC 6962 and C2SP byte for byte, so that programs of other authors check it.
"""

from comity.ledger.checkpoint import (
    Checkpoint,
    OpenedNote,
    Seen,
    Signer,
    cosign,
    open_note,
    parse_checkpoint,
    sign_note,
)
from comity.ledger.equivocation import (
    Equivocation,
    Exposed,
    compare,
    expose,
    parse_equivocation,
)
from comity.ledger.export import Finding, Report, export, verify_export
from comity.ledger.leaf import Leaf, LeafType, commit_to, decode_leaf
from comity.ledger.note import KeyType, Note, Signature, Verifier, parse_note, parse_vkey
from comity.ledger.policy import Policy, parse_policy
from comity.ledger.proof import Proof, parse_proof, prove, verify_proof
from comity.ledger.tile import (
    Tile,
    decode_bundle,
    encode_bundle,
    parse_tile_path,
    read_tile,
    tiles_of,
)
from comity.ledger.tree import (
    EMPTY,
    Frontier,
    Node,
    Read,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from comity.ledger.witness import (
    Cosigned,
    Refused,
    WitnessRequest,
    consider,
    parse_request,
    write_request,
)

__all__ = [
    "EMPTY",
    "Checkpoint",
    "Cosigned",
    "Equivocation",
    "Exposed",
    "Finding",
    "Frontier",
    "KeyType",
    "Leaf",
    "LeafType",
    "Node",
    "Note",
    "OpenedNote",
    "Policy",
    "Proof",
    "Read",
    "Refused",
    "Report",
    "Seen",
    "Signature",
    "Signer",
    "Tile",
    "Verifier",
    "WitnessRequest",
    "commit_to",
    "compare",
    "consider",
    "consistency_proof",
    "cosign",
    "decode_bundle",
    "decode_leaf",
    "encode_bundle",
    "export",
    "expose",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "open_note",
    "parse_checkpoint",
    "parse_equivocation",
    "parse_note",
    "parse_policy",
    "parse_proof",
    "parse_request",
    "parse_tile_path",
    "parse_vkey",
    "prove",
    "read_tile",
    "root",
    "sign_note",
    "tiles_of",
    "verify_consistency",
    "verify_export",
    "verify_inclusion",
    "verify_proof",
    "write_request",
]
