"""The holder is told first, in their language; a mail server that does not answer holds nothing up."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from issuer import status
from issuer.ends.notices import AGAIN
from issuer.ends.store import Notice, looking
from issuer.issue import Issued, Private
from issuer.mail import Folder, Letter, Outcome, Sheet, read_server, written
from schemas.errors import Refused
from schemas.languages import LANGUAGES
from schemas.numbers import is_iin
from tanu.home import initialise
from tanu.settings import Settings
from tests.mailbox import SENDER, Mailbox, nobody
from tests.world import BEGINNING, FIRST, SECOND, SUPPLEMENT, World

HOLDER = "assem@mail.example"
IIN = "990314400126"


def posting(w: World, post: Any) -> World:
    """The world with another way for its notices."""
    w.office = replace(w.office, post=post)
    return w


def with_address(w: World, **private: Any) -> Issued:
    """A document whose holder has an e-mail address."""
    return w.issue(private=Private(**{"email": HOLDER, "iin": IIN, **private}))


def files(w: World) -> list[Path]:
    """The letters in the home."""
    return sorted((w.folder / "home" / "notices").glob("*"))


def text_of(file: Path) -> str:
    """What a letter says."""
    return str(message_from_bytes(file.read_bytes(), policy=SMTP).get_content())


def notices(w: World, *, waiting: bool = False) -> Sequence[Notice]:
    """As the office sees them."""
    with looking(w.office.store) as ends:
        return ends.notices(waiting)


def test_without_a_mail_server_each_notice_is_a_letter_for_the_office_alone(w: World) -> None:
    issued = w.issue()
    w.suspend(issued)
    w.reinstate(issued)
    w.revoke(issued)
    assert len(files(w)) == 3
    for file in files(w):
        assert re.fullmatch(rf"{issued.number}-(suspended|reinstated|revoked)-[0-9a-f]{{8}}\.eml", file.name)
        assert file.stat().st_mode & 0o777 == 0o600
    assert files(w)[0].parent.stat().st_mode & 0o777 == 0o700
    assert [(notice.about, notice.way) for notice in notices(w)] == [
        ("revoked", "letter"),
        ("reinstated", "letter"),
        ("suspended", "letter"),
    ]


def test_a_notice_says_what_why_by_whom_and_how_to_appeal_in_the_holders_language_first(w: World) -> None:
    for language in LANGUAGES:
        issued = w.issue(private=Private(first_language=language))
        supplement = w.issue(SUPPLEMENT, parent=issued)
        w.annul(
            issued, authority="Сертификаттау комиссиясы", basis="Ереже, 9.2-т.", minutes="№ 31", from_beginning=True
        )
        (file,) = [each for each in files(w) if each.name.startswith(f"{issued.number}-annulled")]
        text = " ".join(text_of(file).split())
        told = {
            "kk": ("Құрметті Өтеғалиева", "Күші жойылды", "бұзушылық анықталды", "апелляция беріңіз"),
            "ru": ("Утегалиева", "Аннулирован (с самого начала", "выявлено нарушение", "апелляцию"),
            "en": ("Dear Utegaliyeva", "Annulled from the beginning", "a violation was found", "appeal in writing"),
        }
        assert min(LANGUAGES, key=lambda each: text.index(told[each][0])) == language
        for words in (*told["kk"], *told["ru"], *told["en"]):
            assert words in text
        for words in ("Сертификаттау комиссиясы", "Ереже, 9.2-т.", "№ 31", issued.number, supplement.number, ": 30."):
            assert text.count(words) >= 3
        assert f"{w.public_url}/c/{issued.code}" in text
    assert not [file for file in files(w) if "-CS-" in file.name], "of its supplement it tells in the same notice"


def test_a_replacement_names_the_successor(w: World) -> None:
    old, new = w.issue_many(2)
    w.replace(old, new)
    assert new.number in text_of(files(w)[0])


def test_nothing_is_told_of_what_is_only_proposed(w: World) -> None:
    issued = w.issue()
    proposal = status.propose(w.office, issued.number, w.order("revoked"))
    w.deliver()
    assert files(w) == []
    status.withdraw(w.office, proposal.event, FIRST, "a slip")
    w.deliver()
    assert files(w) == []


def test_the_holder_is_told_before_the_public_is(w: World) -> None:
    issued = with_address(w)
    seen: list[str] = []
    with Mailbox(when=lambda: seen.append(w.look_up(issued.code).verdict)) as mailbox:
        posting(w, mailbox.post(w.folder)).revoke(issued)
    assert seen == ["valid"]
    assert w.look_up(issued.code).verdict == "revoked"


def test_a_notice_goes_by_mail_where_the_holder_has_an_address_and_as_a_letter_where_not(w: World) -> None:
    with Mailbox() as mailbox:
        posting(w, mailbox.post(w.folder / "home"))
        one, two = with_address(w), w.issue()
        w.revoke(one)
        w.revoke(two)
    (arrived,) = mailbox.letters
    assert (arrived.sender, arrived.recipients) == (SENDER, [HOLDER])
    assert arrived.message["To"].addresses[0].addr_spec == HOLDER
    assert arrived.message["From"].addresses[0].addr_spec == SENDER
    assert one.number in arrived.message["Subject"]
    assert one.number in arrived.text
    assert arrived.data.isascii(), "any server takes it"
    (file,) = files(w)
    assert two.number in file.name
    assert {(notice.number, notice.way) for notice in notices(w)} == {(one.number, "mail"), (two.number, "letter")}
    assert w.rows_of("SELECT subject FROM issuer_audit WHERE act = 'told'") == [(one.number,), (two.number,)]


def test_a_mail_server_that_does_not_answer_holds_no_change_up_and_is_tried_again(w: World) -> None:
    issued = with_address(w)
    with nobody() as port, Mailbox() as mailbox:
        working = mailbox.post(w.folder)
        posting(w, replace(working, server=replace(working.server, port=port))).revoke(issued)
        assert w.look_up(issued.code).verdict == "revoked"
        (waits,) = notices(w, waiting=True)
        assert (waits.tries, waits.next_try_at) == (1, w.clock.now + AGAIN[0])
        assert waits.problem
        assert "127.0.0.1" in waits.problem
        w.deliver()
        assert notices(w, waiting=True)[0].tries == 1, "not before its time"
        posting(w, working)
        w.clock.move(minutes=1)
        w.deliver()
    assert len(mailbox.letters) == 1
    assert notices(w, waiting=True) == []
    told = w.rows_of("SELECT act FROM issuer_audit WHERE act IN ('told', 'not_told') ORDER BY seq")
    assert told == [("not_told",), ("told",)]


def test_a_server_that_says_nothing_is_given_up(w: World) -> None:
    issued = with_address(w)
    with Mailbox(silent=True) as mailbox:
        posting(w, mailbox.post(w.folder, patience=0.3)).revoke(issued)
    assert w.look_up(issued.code).verdict == "revoked"
    assert len(notices(w, waiting=True)) == 1


def test_what_no_server_takes_for_days_becomes_a_letter(w: World) -> None:
    issued = with_address(w)
    with nobody() as port, Mailbox() as mailbox:
        working = mailbox.post(w.folder / "home")
        posting(w, replace(working, server=replace(working.server, port=port))).revoke(issued)
        for wait in AGAIN:
            assert files(w) == []
            w.clock.move(seconds=wait.total_seconds())
            w.deliver()
    (file,) = files(w)
    assert issued.number in text_of(file)
    assert notices(w, waiting=True) == []
    assert w.clock.now - BEGINNING < timedelta(days=3)


def test_whom_the_server_does_not_know_gets_a_letter_at_once_and_the_others_their_mail(w: World) -> None:
    with Mailbox(refuses=HOLDER) as mailbox:
        posting(w, mailbox.post(w.folder / "home"))
        one, two = with_address(w), with_address(w, email="other@mail.example")
        for each in (one, two):
            w.decide(each.number, "revoked")
        w.deliver()
    assert [arrived.recipients for arrived in mailbox.letters] == [["other@mail.example"]]
    assert [notice.way for notice in notices(w)] == ["mail", "letter"]
    (refused,) = [notice for notice in notices(w) if notice.way == "letter"]
    assert refused.problem == "550 recipient refused", "in the server's words, without the address"


def test_a_server_without_tls_gets_nothing_where_tls_is_asked_for(w: World) -> None:
    issued = with_address(w)
    with Mailbox() as mailbox:
        for tls in ("starttls", "tls"):
            posting(w, mailbox.post(w.folder, patience=2, tls=tls)).suspend(issued)
            w.reinstate(issued)
    assert mailbox.letters == []
    assert len(notices(w, waiting=True)) == 4


def test_a_fault_while_a_notice_is_recorded_leaves_no_change(w: World) -> None:
    proposal = status.propose(w.office, w.issue().number, w.order("revoked"))
    with w.fault("INSERT ON issuer_notices"), pytest.raises(Exception, match="no space left"):
        status.confirm(w.office, proposal.event, SECOND)
    assert w.office.store.history(proposal.code) == []
    status.confirm(w.office, proposal.event, SECOND)


def test_a_crash_between_a_notice_and_its_publication_tells_the_holder_once(w: World) -> None:
    issued = with_address(w)
    with Mailbox() as mailbox:
        posting(w, mailbox.post(w.folder))
        w.decide(issued.number, "revoked")
        with w.fault("INSERT ON changes"), pytest.raises(Exception, match="no space left"):
            w.deliver()
        assert len(mailbox.letters) == 1
        w.deliver()
    assert len(mailbox.letters) == 1
    assert w.look_up(issued.code).verdict == "revoked"


def test_two_processes_send_a_notice_once(w: World) -> None:
    issued = with_address(w)
    with Mailbox() as mailbox:
        post = mailbox.post(w.folder)
        w.decide(issued.number, "revoked")
        other = posting(World(w.folder, clock=w.clock, seed=8), post)
        mailbox.when = other.deliver
        posting(w, post).deliver()
    assert len(mailbox.letters) == 1


def test_a_folder_that_cannot_be_written_is_told_to_the_office(w: World) -> None:
    (w.folder / "home" / "notices").write_text("a file where the folder should be")
    issued = w.issue()
    w.revoke(issued)
    assert w.look_up(issued.code).verdict == "revoked"
    assert ".eml" in (notices(w, waiting=True)[0].problem or "")


def test_what_a_holder_was_told_cannot_be_rewritten(w: World) -> None:
    w.revoke(w.issue())
    for statement in (
        "UPDATE issuer_notices SET message = 'x'",
        "UPDATE issuer_notices SET way = 'mail'",
        "DELETE FROM issuer_notices",
    ):
        with pytest.raises(Exception, match="what a holder was told stays"), w.home.engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_E8_no_iin_stands_in_a_notice(w: World) -> None:
    issued = with_address(w)
    w.revoke(issued)
    (notice,) = notices(w)
    digits = re.findall(r"\d{12}", notice.letter.message.decode() + text_of(files(w)[0]))
    assert not [run for run in digits if is_iin(run)]


EVIL = "x\r\nBcc: everybody@evil.example\r\n\r\n<script>alert(1)</script>"


def test_F24_no_name_address_or_text_adds_a_header(w: World) -> None:
    issued = w.issue()
    w.revoke(issued, authority=EVIL, basis=EVIL, minutes=EVIL)
    message = message_from_bytes(files(w)[0].read_bytes(), policy=SMTP)
    assert message["Bcc"] is None
    assert message.get_content_type() == "text/plain", "where <script> is a text"
    sheet = Sheet(SENDER, EVIL, EVIL, HOLDER, EVIL, EVIL, "kk")
    for address in (HOLDER, f"a@mail.example{EVIL}", EVIL, "a@b@c", "", "a b@mail.example", "@", "a@"):
        letter = written("n", replace(sheet, address=address), BEGINNING)
        made = message_from_bytes(letter.message, policy=SMTP)
        assert set(made.keys()) - {"To"} == {
            *("From", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"),
            *("Content-Type", "Content-Transfer-Encoding", "Content-Language"),
        }
        assert (letter.address, made["To"] is not None) == ((HOLDER, True) if address == HOLDER else (None, False))


def test_F24_lines_of_a_text_stay_as_short_as_a_message_allows(w: World) -> None:
    w.revoke(w.issue(), authority="Ә" * 5000, basis=".\n.\r\n.")
    assert max(len(line) for line in files(w)[0].read_bytes().splitlines()) < 998


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://mail.example", ("mail.example", 587, "starttls", None)),
        ("smtp://reg%40x@mail.example:2525", ("mail.example", 2525, "starttls", "reg@x")),
        ("smtps://mail.example", ("mail.example", 465, "tls", None)),
        ("smtp://localhost", ("localhost", 25, "none", None)),
        ("smtp://[::1]:26", ("::1", 26, "none", None)),
        ("smtp://10.0.0.1", ("10.0.0.1", 587, "starttls", None)),
    ],
)
def test_only_on_this_machine_mail_goes_without_tls(address: str, expected: tuple[object, ...]) -> None:
    server = read_server(address, "secret")
    assert (server.host, server.port, server.tls, server.user) == expected
    assert "secret" not in repr(server)


@pytest.mark.parametrize(
    "address", ["", "mail.example", "http://mail.example", "smtp://", "smtp://u:p@h", "smtp://h:x", "smtp://h/x"]
)
def test_an_address_that_is_no_server_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(Refused) as refused:
        read_server(address, None)
    assert ":p@" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp": "smtp://h"},
        {"smtp": "h", "mail_from": SENDER},
        {"mail_from": "x\nBcc: y@z"},
        {"mail_from": "nobody"},
        {"appeal_days": "0"},
        {"appeal_days": "soon"},
        {"smtp": "smtp://h", "mail_from": SENDER, "smtp_password_file": Path("/nowhere/at/all")},
    ],
)
def test_a_setting_that_cannot_be_is_refused(wrong: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        initialise(replace(Settings(tmp_path / "home", None, None, None, frozenset()), **wrong))
    assert all(refused.value.because[language] for language in LANGUAGES)


def test_a_letter_laid_down_twice_is_one_file(tmp_path: Path) -> None:
    folder, letter = Folder(tmp_path / "n", SENDER), Letter("a", None, b"x")
    assert folder.take([letter, letter]) == [Outcome("letter"), Outcome("letter")]
    assert [file.name for file in (tmp_path / "n").iterdir()] == ["a.eml"]
