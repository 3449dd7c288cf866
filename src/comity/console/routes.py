"""Every address of the console, and who answers it."""

from collections.abc import Mapping, Sequence

from starlette.routing import BaseRoute, Route

from comity.console import (
    candidates,
    cases,
    changes,
    compose,
    custody,
    departures,
    doors,
    duty,
    inbox,
    inquiry,
    lawbook,
    matrix,
    messages,
    network,
    past,
    people,
    readings,
    referred,
    signing,
    waiting,
    watching,
)
from comity.console.assets import static
from comity.console.door import FORM, Door, Handler
from comity.console.lists import Lists, corrections, entity
from comity.console.ports import Window
from comity.core import limits

LOOKS: Mapping[str, Handler] = {
    "/": inbox.inbox,
    "/cases": inbox.all_cases,
    "/cases/{case}": cases.show_case,
    "/cases/{case}/acts/{word}": cases.write_act,
    "/cases/{case}/facts": messages.facts,
    "/cases/{case}/messages/{mid}": messages.open_message,
    "/cases/{case}/search": candidates.search_form,
    "/cases/{case}/candidates/{entity}": candidates.look,
    "/cases/{case}/watch": watching.show,
    "/compose": compose.write,
    "/messages/{mid}": messages.open_message,
    "/messages/{mid}/files/{place}": messages.attachment,
    "/screening": candidates.search_form,
    "/pending": waiting.pending,
    "/pending/{pending}": waiting.show_pending,
    "/referrals": waiting.referrals,
    "/referrals/{reference}": waiting.show_referral,
    "/law": network.law,
    "/law/changes": changes.changes,
    "/law/explain": inquiry.ask,
    "/law/instruments": lawbook.instruments,
    "/law/instruments/{instrument}": lawbook.instrument,
    "/law/matrix": matrix.matrix,
    "/law/past": past.past,
    "/law/past/{reference}": past.show,
    "/law/readings": readings.one,
    "/law/referrals": referred.referrals,
    "/law/rules/{rule}": lawbook.rule,
    "/law/worklist": readings.work_list,
    "/partners": network.partners,
    "/doors": doors.doors,
    "/departures": departures.departures,
    "/duty": duty.rota,
    "/duty/post": duty.post,
    "/people": people.people,
    "/people/{person:path}": people.person,
    "/reviews": custody.reviews,
    "/tearlines": custody.tearlines,
    "/assurances": custody.assurances,
    "/corrections": corrections,
    "/watches": watching.watches,
    "/oversight": network.oversight,
    "/oversight/entries": network.entries,
    "/oversight/entries/{number}": network.entry,
    "/oversight/entries/{number}/proof": network.keep_proof,
    "/held/{entity}": entity,
    "/preferences": people.preferences,
}
"""What is looked at."""
ACTS: Mapping[str, Handler] = {
    "/assign": inbox.assign,
    "/find": inbox.find,
    "/sign-out": signing.sign_out,
    "/cases/{case}/acts/{word}": cases.do_act,
    "/cases/{case}/acts/{word}/law": cases.ask_law,
    "/cases/{case}/facts": messages.state_fact,
    "/cases/{case}/search": candidates.search,
    "/cases/{case}/candidates/{entity}": candidates.compare,
    "/cases/{case}/watch": watching.act,
    "/cases/{case}/watch/found": watching.found,
    "/compose": compose.send,
    "/compose/law": compose.ask_law,
    "/messages/{mid}/comply": cases.comply,
    "/messages/{mid}/erase": cases.erase,
    "/messages/{mid}/release": cases.release,
    "/messages/{mid}/validate": cases.validate,
    "/screening": candidates.search,
    "/pending/{pending}/confirm": waiting.confirm,
    "/pending/{pending}/drop": waiting.drop,
    "/referrals/{reference}/resume": waiting.resume,
    "/referrals/{reference}/abandon": waiting.abandon,
    "/law/assessments": network.assess,
    "/law/changes": changes.ask_again,
    "/law/changes/keep": changes.keep,
    "/law/explain": inquiry.explain,
    "/law/matrix": matrix.matrix,
    "/law/past/{reference}": past.what_if,
    "/law/readings": readings.state,
    "/law/readings/confirm": readings.confirm,
    "/law/assessments/confirm": network.confirm_assessment,
    "/oversight/entries": network.find_entry,
    "/doors/close": doors.close,
    "/doors/open": doors.open_again,
    "/departures/noted": departures.noted,
    "/departures/recall": departures.recall,
    "/departures/state": departures.state,
    "/duty/add": duty.add,
    "/duty/answer": duty.answer,
    "/duty/away": duty.away,
    "/duty/end": duty.end,
    "/duty/reach": duty.reach,
    "/duty/trial": duty.trial,
    "/people": people.enrol,
    "/people/{person:path}/grant": people.grant,
    "/people/{person:path}/end": people.end,
    "/people/{person:path}/link": people.link,
    "/people/{person:path}/disable": people.disable,
    "/reviews/keep": custody.keep,
    "/tearlines/make": custody.make_tearline,
    "/tearlines/confirm": custody.confirm_tearline,
    "/assurances/state": custody.assure,
    "/assurances/end": custody.end_assurance,
    "/preferences": people.prefer,
}
"""What is done; each wants the session's own field in its form."""


def surface(window: Window) -> Sequence[BaseRoute]:
    """Return the console's routes over a node."""
    lists = Lists()
    looks = {**LOOKS, "/lists": lists.show}
    acts = {**ACTS, "/lists/preview": lists.preview, "/lists/commit": lists.commit}
    # The longer address first: a person's id has a slash in it.
    paths = sorted({*looks, *acts}, key=len, reverse=True)
    return [
        Route("/static/{name:path}", static, methods=["GET"]),
        Route("/sign-in", signing.SignInDoor(window)),
        *(
            Route(path, Door(window, _handlers(path, looks, acts), limit=_limit(path)))
            for path in paths
        ),
        Route("/{rest:path}", Door(window, {})),
    ]


def _handlers(
    path: str, looks: Mapping[str, Handler], acts: Mapping[str, Handler]
) -> Mapping[str, Handler]:
    given = {"GET": looks.get(path), "POST": acts.get(path)}
    return {method: handler for method, handler in given.items() if handler is not None}


def _limit(path: str) -> int:
    return limits.UPLOAD if path == "/lists/preview" else FORM
