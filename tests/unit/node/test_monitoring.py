"""Mirrors and monitors over real logs: what grows is copied, what cannot be right is named."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.unit.node.ground import ARCADIA, NORLAND, Town
from tests.unit.node.witnesses import Log
from typing_extensions import override

from comity.adapters.http import Client
from comity.adapters.http.client import Reply
from comity.adapters.http.lookout import lookout_app
from comity.adapters.memory import FixedClock, SeededEntropy
from comity.adapters.system import SystemClock
from comity.core.clock import HOUR, MINUTE
from comity.core.errors import (
    ConfigurationError,
    InvalidInputError,
    UnreachableError,
    VerificationError,
)
from comity.core.ids import NodeId
from comity.ledger import (
    Leaf,
    LeafType,
    encode_bundle,
    parse_note,
    parse_tile_path,
    parse_vkey,
    read_tile,
    write_request,
)
from comity.node.evidence import verify_files
from comity.node.lookout import Lookout, Settings, begin_lookout, open_lookout, read_settings
from comity.node.lookout_serving import alarms_of, look_once, sight_of
from comity.node.mirroring import Copied
from comity.node.monitoring import Monitoring, add_token, tokens_in
from comity.node.readers import add_reader
from comity.node.remote import RemoteLog
from comity.node.rows import FollowedRow
from comity.trust import Directory

TOKEN = "ab" * 32


@dataclass
class Web(Client):
    """Answers as the listeners of some logs would."""

    logs: dict[str, tuple[Log, int]] = field(default_factory=dict[str, tuple[Log, int]])
    cosigned: dict[str, bytes] = field(default_factory=dict[str, bytes])
    status: int = 0

    @override
    def get(self, url: str, *, tls: object = (), limit: int) -> Reply:
        base, _, path = url.partition("/log/")
        if "/witness/" in url:
            held = self.cosigned.get(url)
            return Reply(status=404 if held is None else 200, body=held or b"")
        if base not in self.logs:
            raise UnreachableError("away")
        if self.status:
            return Reply(status=self.status, body=b"")
        body = self.answer(*self.logs[base], path)
        assert len(body) <= limit
        return Reply(status=200, body=body)

    def answer(self, log: Log, size: int, path: str) -> bytes:
        if path == "checkpoint":
            return log.note(size)
        tile = parse_tile_path(path.removeprefix(f"r/{TOKEN}/"))
        if tile.level is None:
            first = tile.index * 256
            return encode_bundle(log.entries[first : first + tile.width])
        return read_tile(tile, log.read)


@dataclass
class Scene:
    """A monitor of a town's federation, whose ledgers are those a test makes."""

    lookout: Lookout
    monitoring: Monitoring
    web: Web
    clock: FixedClock
    told: list[str]
    logs: dict[NodeId, Log]

    def round(self) -> list[str]:
        self.monitoring.round()
        return sorted(row.sort for row in self.monitoring.alarms())

    def show(self, node: NodeId, log: Log, size: int) -> None:
        self.web.logs[self.base(node)] = (log.grow(size), size)

    def base(self, node: NodeId) -> str:
        return self.lookout.register.current().node(node).url

    def copied(self, node: NodeId) -> Copied:
        origin = self.logs[node].origin
        digest = hashlib.sha256(origin.encode()).hexdigest()
        return Copied(self.lookout.folder / "logs" / digest)


def relisted(directory: Directory, logs: dict[NodeId, Log]) -> Directory:
    """Return a directory whose nodes list the keys of our own logs."""
    entries = {}
    for member, entry in directory.entries.items():
        nodes = tuple(
            replace(node, log_vkeys=tuple(key.text for key in logs[node.node].keys))
            for node in entry.document.nodes
            if node.node in logs
        )
        entries[member] = replace(entry, document=replace(entry.document, nodes=nodes))
    return replace(directory, entries=entries, registry=None)


def settings(town: Town, sort: str = "monitor") -> Settings:
    return Settings(
        sort=sort,
        name=f"watch.example/{sort}",
        listen="http://127.0.0.1:1",
        root=town.digest,
        directory=(str(town.network / "public"),),
    )


@pytest.fixture(scope="module")
def begun(built: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("begun") / "monitor"
    begin_lookout(folder, settings(built), passphrase=None)
    return folder


@pytest.fixture
def scene(begun: Path, tmp_path: Path) -> Iterator[Scene]:
    folder = Path(shutil.copytree(begun, tmp_path / "monitor"))
    clock, told, web = FixedClock(SystemClock().now()), list[str](), Web()
    lookout = open_lookout(folder, passphrase=None, clock=clock)
    real = lookout.register.current()
    logs = {node: Log(f"{real.federation}/log/{node}/1") for node in (NORLAND, ARCADIA)}
    directory = relisted(real, logs)
    keys = {log.origin: log.keys for log in logs.values()}
    lookout.gossip.keys = lambda origin: keys.get(origin, ())
    monitoring = lookout.monitoring(lambda sort, _origin: told.append(sort))
    monitoring.client, monitoring.directory = web, lambda: directory
    made = Scene(lookout, monitoring, web, clock, told, logs)
    for node, log in logs.items():
        made.show(node, log, 10)
    yield made
    lookout.close()


def test_a_ledger_that_grows_in_order_raises_nothing(scene: Scene) -> None:
    for size in (10, 300, 301):
        scene.show(NORLAND, scene.logs[NORLAND], size)
        assert scene.round() == []
    rows = scene.monitoring.store.read(lambda r: r.find(FollowedRow))
    assert sorted(row.size for row in rows) == [10, 301]


def test_nobody_cosigning_becomes_an_alarm_and_ends(scene: Scene) -> None:
    assert scene.round() == []
    scene.clock.advance(HOUR)
    assert scene.round() == ["unwitnessed", "unwitnessed"]
    assert scene.told == ["unwitnessed", "unwitnessed"]
    assert scene.round() == ["unwitnessed", "unwitnessed"]
    assert len(scene.told) == 2


def test_a_silent_log_becomes_an_alarm_and_ends(scene: Scene) -> None:
    held = scene.web.logs.pop(scene.base(NORLAND))
    assert scene.round() == []
    scene.clock.advance(61 * MINUTE)
    assert "silent" in scene.round()
    scene.web.logs[scene.base(NORLAND)] = held
    assert "silent" not in scene.round()


def test_what_the_log_did_not_sign_is_named(scene: Scene) -> None:
    scene.show(NORLAND, Log("elsewhere/log"), 5)
    assert scene.round() == ["unsigned"]
    scene.show(NORLAND, scene.logs[NORLAND], 10)
    assert scene.round() == []


def test_two_histories_become_evidence_that_verifies_offline(scene: Scene) -> None:
    assert scene.round() == []
    fork = Log(scene.logs[NORLAND].origin, mark=b"fork")
    scene.show(NORLAND, fork, 300)
    assert scene.round() == ["equivocation"]
    (file,) = (scene.lookout.folder / "evidence").glob("*.equivocation")
    found = verify_files(file)
    assert found.holds
    assert "two histories" in found.told
    assert found.seen == (fork.origin,)
    own = scene.lookout.folder / "policy"
    own.write_text(f"log {scene.logs[ARCADIA].keys[0].text}\nquorum none\n")
    assert not verify_files(file, policy=own).holds
    scene.show(NORLAND, scene.logs[NORLAND], 10)
    assert scene.round() == ["equivocation"]


def test_a_history_shown_only_to_a_witness_is_found(scene: Scene) -> None:
    """I11: two views of one ledger meet at whoever asks both."""
    fork = Log(scene.logs[NORLAND].origin, mark=b"fork")
    digest = hashlib.sha256(fork.origin.encode()).hexdigest()
    url = f"{scene.base(ARCADIA)}/witness/{digest}/checkpoint"
    scene.web.cosigned[url] = fork.note(10)
    assert scene.round() == ["equivocation"]


def copy(scene: Scene) -> None:
    for node in scene.logs:
        add_token(scene.lookout.folder, node, TOKEN)


def test_an_open_ledger_is_copied_whole_and_holds(scene: Scene) -> None:
    copy(scene)
    log, held = scene.logs[NORLAND], scene.copied(NORLAND)
    for size in (11, 255, 256, 257, 513, 700):
        scene.show(NORLAND, log, size)
        assert scene.round() == []
        assert held.size() == size
        assert parse_note(held.note()).text == log.stated(size).body()
    (held.folder / "log.vkey").write_text(log.keys[0].text + "\n")
    (held.folder / "log-ml-dsa-44.vkey").write_text(log.keys[1].text + "\n")
    found = verify_files(held.folder)
    assert found.holds, found.faults
    assert found.read == 700
    assert tokens_in(scene.lookout.folder) == {NORLAND: TOKEN, ARCADIA: TOKEN}


def test_a_log_that_shows_other_entries_than_it_signed_is_named(scene: Scene) -> None:
    copy(scene)
    log = scene.logs[NORLAND]
    assert scene.round() == []
    true = log.entries[12:14] if len(log.entries) > 13 else log.grow(20).entries[12:14]
    scene.show(NORLAND, log, 20)
    log.entries[12:14] = reversed(true)
    assert scene.round() == ["entries"]
    assert scene.copied(NORLAND).size() == 10
    log.entries[12:14] = true
    assert scene.round() == []
    log.grow(30)
    earlier, log.entries[3] = log.entries[3], log.entries[5]
    scene.show(NORLAND, log, 30)
    assert scene.round() == ["entries"]
    log.entries[3] = b"\xff"
    log.entries[25] = b"\xff"
    log.entries[3] = earlier
    assert scene.round() == ["entries"]


def test_a_disclosure_without_its_decision_is_named_for_good(scene: Scene) -> None:
    copy(scene)
    log = scene.logs[NORLAND]
    bad = Leaf(type=LeafType.SENT, at=1, ref=bytes(16), commitment=bytes(32))
    log.grow(10).add(bad.encode(), replace(bad, follows=99).encode())
    scene.show(NORLAND, log, 12)
    assert scene.round() == ["order"]
    scene.show(NORLAND, log, 20)
    assert scene.round() == ["order"]
    (row,) = scene.monitoring.alarms()
    assert row.words == "entry 10: sent without an earlier permitted"


def test_a_receipt_that_no_other_ledger_knows_is_named(scene: Scene) -> None:
    copy(scene)
    at = scene.clock.now() // 1000
    known, unknown = bytes([1]) * 32, bytes([2]) * 32
    for node, sort, digests in (
        (NORLAND, LeafType.RECEIPTED, (known, unknown)),
        (ARCADIA, LeafType.ADMITTED, (bytes(32),)),
        (ARCADIA, LeafType.RECEIVED, (known,)),
    ):
        log = scene.logs[node].grow(10)
        for digest in digests:
            follows = len(log.entries) - 1
            log.add(
                Leaf(
                    type=sort,
                    at=at,
                    ref=digest[:16],
                    commitment=digest,
                    digest=digest,
                    follows=follows,
                ).encode()
            )
        scene.show(node, log, len(log.entries))
    assert scene.round() == []
    scene.clock.advance(HOUR + MINUTE)
    assert [sort for sort in scene.round() if sort != "unwitnessed"] == ["unpaired"]
    named = [row.words for row in scene.monitoring.alarms() if row.sort == "unpaired"]
    assert named == [f"its receipt of envelope {'02' * 8} is in no other ledger"]


def test_entries_that_are_not_opened_are_named(scene: Scene) -> None:
    copy(scene)
    log = scene.web.logs[scene.base(NORLAND)]

    class Closed(Web):
        @override
        def get(self, url: str, *, tls: object = (), limit: int) -> Reply:
            if "/entries/" in url:
                return Reply(status=403, body=b"")
            return super().get(url, limit=limit)

    web = Closed()
    web.logs = {scene.base(NORLAND): log}
    scene.monitoring.client = web
    assert scene.round() == ["closed"]


def test_entries_that_cannot_be_reached_are_silence_not_a_refusal(scene: Scene) -> None:
    log = scene.web.logs[scene.base(NORLAND)]

    class Cut(Web):
        @override
        def get(self, url: str, *, tls: object = (), limit: int) -> Reply:
            if "/entries/" in url:
                raise UnreachableError("cut")
            return super().get(url, limit=limit)

    web = Cut()
    web.logs = {scene.base(NORLAND): log}
    scene.monitoring.client = web
    assert scene.round() == []
    scene.clock.advance(HOUR)
    assert "silent" in scene.round()


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_log_that_answers_in_statuses_is_away(scene: Scene, status: int) -> None:
    scene.web.status = status
    assert scene.round() == []
    scene.clock.advance(61 * MINUTE)
    assert scene.round() == ["silent", "silent"]


def test_a_token_is_what_was_printed(scene: Scene) -> None:
    for wrong in ("../x", "", "a" * 200, "a b"):
        with pytest.raises(InvalidInputError):
            add_token(scene.lookout.folder, NORLAND, wrong)


def test_a_log_nobody_serves_is_not_found() -> None:
    log = RemoteLog(client=Web(), url="")
    with pytest.raises(Exception, match="nobody in the directory"):
        log.checkpoint()


def test_a_mirror_serves_what_it_holds_to_readers(scene: Scene) -> None:
    copy(scene)
    assert scene.round() == []
    mirror = replace(scene.lookout, settings=settings_of(scene, "mirror"))
    token, _ = add_reader(
        scene.lookout.folder, "court", days=2, clock=scene.clock, entropy=SeededEntropy(b"x")
    )
    client = TestClient(
        lookout_app(sight_of(mirror, scene.monitoring, lambda _where, _code: None))
    )
    origin = next(iter(scene.logs.values())).origin
    digest = hashlib.sha256(origin.encode()).hexdigest()
    note = client.get(f"/mirror/{digest}/checkpoint").content
    names = {line.name for line in parse_note(note).signatures}
    assert names == {origin, "watch.example/monitor"}
    assert client.get(f"/mirror/{digest}/tile/0/000.p/10").status_code == 200
    assert client.get(f"/mirror/{digest}/tile/entries/000.p/10").status_code == 403
    opened = client.get(f"/mirror/r/{token}/{digest}/tile/entries/000.p/10")
    assert opened.status_code == 200
    for missing in ("tile/0/000.p/11", "tile/0/../../../keys/lookout.key", "types"):
        assert client.get(f"/mirror/r/{token}/{digest}/{missing}").status_code == 404
    assert client.get(f"/mirror/{'0' * 64}/checkpoint").status_code == 404
    assert client.get("/mirror/../checkpoint").status_code == 404
    assert client.post("/witness/add-checkpoint", content=b"").status_code == 404
    assert client.get("/alarms").json() == {"ok": True, "alarms": []}
    assert client.get("/healthz").text == "ok\n"
    assert parse_vkey(client.get("/vkeys").text.splitlines()[0]).name == "watch.example/monitor"


def settings_of(scene: Scene, sort: str) -> Settings:
    held = scene.lookout.settings
    return Settings(
        sort=sort, name=held.name, listen=held.listen, root=held.root, directory=held.directory
    )


def test_a_witness_that_stands_alone_cosigns_one_history(scene: Scene) -> None:
    witness = replace(scene.lookout, settings=settings_of(scene, "witness"))
    log = scene.logs[NORLAND]
    keys = {log.origin: log.keys}
    answering = replace(witness.as_witness(), keys=lambda origin: keys.get(origin, ()))
    sight = replace(
        sight_of(witness, scene.monitoring, lambda _where, _code: None),
        witness=answering.answer,
    )
    client = TestClient(lookout_app(sight))

    def ask(note: bytes) -> int:
        return client.post(
            "/witness/add-checkpoint", content=write_request(0, (), note)
        ).status_code

    assert ask(log.note(4)) == 200
    assert ask(Log(log.origin, mark=b"fork").note(4)) == 409
    assert ask(b"x") == 400
    digest = hashlib.sha256(log.origin.encode()).hexdigest()
    held = client.get(f"/witness/{digest}/checkpoint")
    assert {line.name for line in parse_note(held.content).signatures} == {
        log.origin,
        witness.settings.name,
    }
    assert client.post("/witness/add-checkpoint", content=bytes(2_000_000)).status_code == 413


def test_a_lookout_is_made_once_and_says_what_is_wrong(
    scene: Scene, built: Town, tmp_path: Path
) -> None:
    folder = scene.lookout.folder
    with pytest.raises(ConfigurationError):
        begin_lookout(folder, settings(built), passphrase=None)
    assert read_settings(folder) == settings(built)
    for name, value in (
        ("sort", "spy"),
        ("listen", "https://x"),
        ("directory", ()),
        ("every", 0),
    ):
        changed = {each: getattr(settings(built), each) for each in Settings.__struct_fields__}
        with pytest.raises(ConfigurationError):
            begin_lookout(
                tmp_path / name, Settings(**{**changed, name: value}), passphrase=None
            )
    with pytest.raises(ConfigurationError):
        read_settings(tmp_path)
    (tmp_path / "lookout.toml").write_text("sort = 1\n")
    with pytest.raises(ConfigurationError):
        read_settings(tmp_path)
    other = settings(built)
    wrong = Settings(
        sort="monitor", name="x", listen=other.listen, root="00", directory=other.directory
    )
    with pytest.raises(VerificationError):
        begin_lookout(tmp_path / "wrong", wrong, passphrase=None)


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.enable_socket
def test_one_round_without_serving_says_what_stands(begun: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(begun, tmp_path / "monitor"))
    assert look_once(folder, passphrase=None) == b'{"ok":true,"alarms":[]}'


def test_alarms_name_logs_and_never_content(scene: Scene) -> None:
    scene.show(NORLAND, Log("elsewhere/log"), 5)
    scene.round()
    said = alarms_of(scene.monitoring).decode()
    assert '"sort":"unsigned"' in said
    assert scene.logs[NORLAND].origin in said
