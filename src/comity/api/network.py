"""The network and the record: partners of the directory, the ledger and its proofs."""

from comity.api import bodies, registers
from comity.api.answers import moment, moment_if
from comity.api.endpoint import Call, get
from comity.core.errors import InvalidInputError
from comity.trust import AgencyEntry, NodeEntry

_INDEX = 19


@get("partners")
def list_partners(call: Call, asked: bodies.Nothing) -> registers.Partners:
    """List the directory: who may be asked what, how to call them, and what waits for them."""
    del asked
    directory = call.desk.station.directory()
    return registers.Partners(
        version=directory.version,
        expires=moment(directory.expires),
        partners=[
            _partner(call, entry, directory.nodes_for(entry.agency))
            for entry in directory.agencies()
        ],
    )


@get("ledger")
def show_ledger(call: Call, asked: bodies.Nothing) -> registers.Ledger:
    """Show the newest checkpoint of this node's ledger."""
    del asked
    head = call.ports.head()
    return registers.Ledger(
        origin=head.origin,
        size=head.size,
        root=head.root.hex(),
        witnesses=list(head.witnesses),
        note=head.note,
    )


@get("ledger/proof/{index}")
def prove_entry(call: Call, asked: bodies.Nothing) -> registers.Proof:
    """Prove that an entry stands in the ledger."""
    del asked
    index = _index(call.path["index"])
    return registers.Proof(index=index, proof=call.ports.proof(index))


def _index(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _INDEX:
        raise InvalidInputError("expected the index of an entry, a whole number from 0")
    return int(text)


def _partner(call: Call, entry: AgencyEntry, nodes: tuple[NodeEntry, ...]) -> registers.Partner:
    return registers.Partner(
        agency=entry.agency,
        name=entry.name,
        sort=entry.sort.value,
        contacts=[
            registers.Contact(
                telephone=each.telephone,
                email=each.email,
                hours=each.hours,
                languages=list(each.languages),
            )
            for each in entry.contacts
        ],
        nodes=[
            registers.PartnerNode(
                node=node.node,
                url=node.url,
                kinds=sorted(node.kinds),
                languages=list(node.languages),
                waiting_since=moment_if(call.ports.waiting_since(node.node)),
            )
            for node in nodes
        ],
    )


NETWORK = (list_partners, show_ledger, prove_entry)
