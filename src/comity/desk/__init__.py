"""What a person may do here: one method for each act. Every surface calls the desk alone."""

from comity.desk.actor import DECIDERS, LINE, READERS, Actor
from comity.desk.bulk import Begun, Bulk, Declared
from comity.desk.calls import Rouse, Terms
from comity.desk.correspondence import Correspondence, Preview
from comity.desk.counsel import Assessment, Counsel
from comity.desk.custody import Custody
from comity.desk.departures import STATERS, Departure, Departures, Given, Recalled
from comity.desk.desk import Desk, open_desk
from comity.desk.doors import Closed, Doors, DoorView, Shut
from comity.desk.duty import CallView, Duty, Shift, Watch
from comity.desk.files import LAID_AS, Enclosed, Files, Keeps, Laid
from comity.desk.holdings import Holdings, Incoming
from comity.desk.joint import Joint
from comity.desk.joint_letters import JointLetter
from comity.desk.joint_pages import ActView, JointView, PartView
from comity.desk.letters import Letter
from comity.desk.look_up import Comparison, Listed, Listing, LookUp
from comity.desk.matching import CaseMatcher, Matching
from comity.desk.matrix import Asked, MatrixRow
from comity.desk.past import Answered, Changes, Past, Told, WhatIf
from comity.desk.people import People, PersonView, SignedIn
from comity.desk.ranking import profile_of
from comity.desk.reading import VIEWS, CaseLine, CaseView, MessageView, Reading
from comity.desk.readings import Beside, Readings, ReadingView, WorkLine
from comity.desk.release import RELEASERS, Release
from comity.desk.rota import DAYS, AwayRow, Rota, RotaRow, WakeRow, clock_text, read_rota, wall
from comity.desk.rows import ROWS, BatchRow, CaseFactRow, PendingRow, ReminderRow
from comity.desk.sending import AwaitsKey, AwaitsSecond, JointSent, NotSent, Outcome, Sent
from comity.desk.slices import Near
from comity.desk.sweep import Finding, Progress, Sweep, Weighed
from comity.desk.systems import Systems
from comity.desk.watch import OVERSEERS, STARTERS, Requested, Watches
from comity.exchange import DecisionRow
from comity.record import (
    ENOUGH,
    Assurance,
    AssuranceRow,
    Change,
    EditionDiff,
    Entity,
    Opinion,
    Outcomes,
    Point,
    Tearline,
    TearlineRow,
    TimerRow,
    Treated,
    View,
    WatchRow,
)

__all__ = [
    "DAYS",
    "DECIDERS",
    "ENOUGH",
    "LAID_AS",
    "LINE",
    "OVERSEERS",
    "READERS",
    "RELEASERS",
    "ROWS",
    "STARTERS",
    "STATERS",
    "VIEWS",
    "ActView",
    "Actor",
    "Answered",
    "Asked",
    "Assessment",
    "Assurance",
    "AssuranceRow",
    "AwaitsKey",
    "AwaitsSecond",
    "AwayRow",
    "BatchRow",
    "Begun",
    "Beside",
    "Bulk",
    "CallView",
    "CaseFactRow",
    "CaseLine",
    "CaseMatcher",
    "CaseView",
    "Change",
    "Changes",
    "Closed",
    "Comparison",
    "Correspondence",
    "Counsel",
    "Custody",
    "DecisionRow",
    "Declared",
    "Departure",
    "Departures",
    "Desk",
    "DoorView",
    "Doors",
    "Duty",
    "EditionDiff",
    "Enclosed",
    "Entity",
    "Files",
    "Finding",
    "Given",
    "Holdings",
    "Incoming",
    "Joint",
    "JointLetter",
    "JointSent",
    "JointView",
    "Keeps",
    "Laid",
    "Letter",
    "Listed",
    "Listing",
    "LookUp",
    "Matching",
    "MatrixRow",
    "MessageView",
    "Near",
    "NotSent",
    "Opinion",
    "Outcome",
    "Outcomes",
    "PartView",
    "Past",
    "PendingRow",
    "People",
    "PersonView",
    "Point",
    "Preview",
    "Progress",
    "Reading",
    "ReadingView",
    "Readings",
    "Recalled",
    "Release",
    "ReminderRow",
    "Requested",
    "Rota",
    "RotaRow",
    "Rouse",
    "Sent",
    "Shift",
    "Shut",
    "SignedIn",
    "Sweep",
    "Systems",
    "Tearline",
    "TearlineRow",
    "Terms",
    "TimerRow",
    "Told",
    "Treated",
    "View",
    "WakeRow",
    "Watch",
    "WatchRow",
    "Watches",
    "Weighed",
    "WhatIf",
    "WorkLine",
    "clock_text",
    "open_desk",
    "profile_of",
    "read_rota",
    "wall",
]
