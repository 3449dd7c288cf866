"""Python-tuf's own client, written by other people, agrees with us about the directory."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.unit.trust.builders import PACK, Federation, public, seed, signed
from tuf.api.exceptions import DownloadHTTPError, RepositoryError
from tuf.ngclient import (  # type: ignore[attr-defined]  # no __all__ there
    FetcherInterface,
    Updater,
)
from typing_extensions import override

from comity.core.clock import DAY, Instant
from comity.core.errors import VerificationError
from comity.core.ids import MemberId
from comity.trust import directory_signer, make_root, publish, stamp, verify_directory

FAR = Instant(4_000_000_000_000)
"""The client reads the machine's clock: this is the year 2096."""
PUBLISHER = directory_signer(seed("publisher"))


class Files(FetcherInterface):
    """Serves a directory from memory, as a mirror would over HTTP."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    @override
    def _fetch(self, url: str) -> Iterator[bytes]:
        path = url.removeprefix("https://mirror.example/")
        if path not in self.files:
            raise DownloadHTTPError("not found", 404)
        return iter([self.files[path]])


def far() -> Federation:
    return Federation(
        expires=FAR, root_expires=FAR, snapshot_expires=FAR, timestamp_expires=FAR
    )


def client(built: Federation, files: Mapping[str, bytes], folder: Path) -> Updater:
    (folder / "targets").mkdir(exist_ok=True)
    return Updater(
        str(folder),
        "https://mirror.example/metadata/",
        str(folder / "targets"),
        "https://mirror.example/targets/",
        Files(files),
        bootstrap=built.root(),
    )


def fetched(updater: Updater, path: str) -> bytes:
    info = updater.get_targetinfo(path)
    assert info is not None
    return Path(updater.download_target(info)).read_bytes()


def test_the_tuf_client_finds_members_and_packs(tmp_path: Path) -> None:
    built = far()
    updater = client(built, built.files(), tmp_path)
    updater.refresh()
    for member in built.keys:
        assert fetched(updater, f"members/{member}/member.json") == built.document(member)
    assert fetched(updater, "packs/example.yaml") == PACK
    assert fetched(updater, "members/xn/law.yaml") == PACK
    assert updater.get_targetinfo("members/xn/deep/law.yaml") is None
    assert updater.get_targetinfo("members/xz/member.json") is None


def test_the_tuf_client_follows_a_rotated_root_and_a_renewed_timestamp(tmp_path: Path) -> None:
    built = far()
    second = signed(make_root(built.root_plan(), previous=built.root()), *built.root_signers)
    files = stamp(built.files(), signer=PUBLISHER, expires=FAR)
    updater = client(built, {**files, "metadata/2.root.json": second}, tmp_path)
    updater.refresh()
    assert fetched(updater, "members/xa/member.json") == built.document(MemberId("xa"))


def test_the_tuf_client_follows_a_second_edition(tmp_path: Path) -> None:
    built = far()
    files = built.files()
    client(built, files, tmp_path).refresh()
    members = {m: built.member(m, previous=built.member(m)) for m in built.keys}
    after = publish(built.release(members=members), signer=PUBLISHER, previous=files)
    updater = client(built, after, tmp_path)
    assert fetched(updater, "members/xa/member.json") == built.document(MemberId("xa"))
    with pytest.raises(RepositoryError):
        client(built, files, tmp_path).refresh()


def test_the_tuf_client_refuses_what_we_refuse(tmp_path: Path) -> None:
    built = far()
    files = built.files()
    for path in (
        "metadata/1.snapshot.json",
        "metadata/timestamp.json",
        "metadata/1.targets.json",
    ):
        broken = {**files, path: files[path].replace(b'"version":1', b'"version":2')}
        folder = tmp_path / path.replace("/", "-")
        folder.mkdir()
        with pytest.raises(RepositoryError):
            client(built, broken, folder).refresh()


def test_the_tuf_client_stops_at_expiry_where_we_go_on(tmp_path: Path) -> None:
    built = far()
    built.timestamp_expires = Instant(DAY)
    with pytest.raises(RepositoryError, match="expired"):
        client(built, built.files(), tmp_path).refresh()


def test_the_tuf_client_alone_would_trust_a_root_that_no_oversight_body_signed(
    tmp_path: Path,
) -> None:
    names = [MemberId(f"m{number}") for number in range(4)]
    built = far()
    built.founders = names
    built.root_signers = built.targets_signers = [f"root-{name}" for name in names]
    root = built.root()
    assert public("oversight").raw.hex().encode() in root
    Updater(
        str(tmp_path),
        "https://mirror.example/metadata/",
        fetcher=Files({}),
        bootstrap=root,
    )
    with pytest.raises(VerificationError, match="no oversight key"):
        verify_directory({}, root=root, at=FAR)
