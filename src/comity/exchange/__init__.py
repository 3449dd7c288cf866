"""The one road a message takes. Read `outbound`, then `inbound`; there is no third way.

    outbound   draft -> decide -> mark -> seal -> log -> deliver
    inbound    receive -> verify -> open -> admit -> file -> log -> acknowledge

Each arrow is one function whose argument type only the step before it returns. The durable
units are TX-D (`decide`), TX-L (`log`), TX-F (`file`) and TX-R (`settle`).
"""

from comity.exchange.acts import Act
from comity.exchange.blobs import BlobRow
from comity.exchange.consignment import (
    Consigned,
    Consignment,
    read_consignment,
    write_consignment,
)
from comity.exchange.in_force import InForce
from comity.exchange.queue import ROWS as QUEUE_ROWS
from comity.exchange.queue import LineRow
from comity.exchange.rows import ROWS as ROAD_ROWS
from comity.exchange.rows import (
    AgainRow,
    CallRow,
    DecisionRow,
    DoorRow,
    EventRow,
    InboxRow,
    OutboxRow,
    PrekeyRow,
)
from comity.exchange.stages import (
    Acknowledged,
    Admitted,
    Draft,
    Filed,
    Logged,
    Marked,
    Opened,
    Received,
    Releasable,
    Sealed,
    Stopped,
    Turned,
    Verified,
)
from comity.exchange.station import Carrier, Station
from comity.record import Safe

ROWS = (*ROAD_ROWS, *QUEUE_ROWS, BlobRow)

__all__ = [
    "ROWS",
    "Acknowledged",
    "Act",
    "Admitted",
    "AgainRow",
    "BlobRow",
    "CallRow",
    "Carrier",
    "Consigned",
    "Consignment",
    "DecisionRow",
    "DoorRow",
    "Draft",
    "EventRow",
    "Filed",
    "InForce",
    "InboxRow",
    "LineRow",
    "Logged",
    "Marked",
    "Opened",
    "OutboxRow",
    "PrekeyRow",
    "Received",
    "Releasable",
    "Safe",
    "Sealed",
    "Station",
    "Stopped",
    "Turned",
    "Verified",
    "read_consignment",
    "write_consignment",
]
