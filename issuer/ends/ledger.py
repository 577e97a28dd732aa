"""The tables behind the ends of documents; `issuer.ends.store` is what reads and writes them.

What was proposed is never changed or removed, only closed, once; what a holder was told and each step of a case stay as
they were written; of a flag only its review is set, once. The database holds that on SQLite.
"""

import sqlalchemy as sa

from issuer.ledger import metadata
from registry.ledger import Instant, append_only, refuse

officers = sa.Table(
    "issuer_officers",
    metadata,
    sa.Column("institution", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("may", sa.JSON, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_until", sa.Date),
)
proposals = sa.Table(
    "issuer_proposals",
    metadata,
    sa.Column("event", sa.String(32), primary_key=True),
    sa.Column("code", sa.ForeignKey("issuer_finals.code"), nullable=False, index=True),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("minutes", sa.Text, nullable=False),
    sa.Column("entered_by", sa.Text, nullable=False),
    sa.Column("decided_on", sa.Date, nullable=False),
    sa.Column("effective_on", sa.Date),
    sa.Column("from_beginning", sa.Boolean, nullable=False),
    sa.Column("successor", sa.Text),
    sa.Column("case_name", sa.Text),
    sa.Column("proposed_at", Instant, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("closed_by", sa.Text),
    sa.Column("closed_at", Instant),
    sa.Column("because", sa.Text),
)
sa.Index(
    "issuer_one_proposal_a_document",
    proposals.c.code,
    unique=True,
    sqlite_where=proposals.c.state == "proposed",
    postgresql_where=proposals.c.state == "proposed",
)
_PROPOSED = "event, code, act, reason, authority, basis, minutes, entered_by, decided_on, effective_on, from_beginning"
notices = sa.Table(
    "issuer_notices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("code", sa.ForeignKey("issuer_finals.code"), nullable=False, index=True),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("address", sa.Text),
    sa.Column("message", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("next_try_at", Instant, index=True),
    sa.Column("way", sa.Text),
    sa.Column("done_at", Instant),
    sa.Column("problem", sa.Text),
)
"""What holders are told: the message as it was written. `way` and `done_at` once it has gone."""

annulments = sa.Table(
    "issuer_annulments",
    metadata,
    sa.Column("case_name", sa.Text, primary_key=True),
    sa.Column("code", sa.ForeignKey("issuer_finals.code"), nullable=False, index=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.UniqueConstraint("code", "place"),
)
annulment_steps = sa.Table(
    "issuer_annulment_steps",
    metadata,
    sa.Column("case_name", sa.ForeignKey("issuer_annulments.case_name"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("said", sa.JSON, nullable=False),
)
citations = sa.Table(
    "issuer_citations",
    metadata,
    sa.Column("cited", sa.Text, primary_key=True),
    sa.Column("code", sa.ForeignKey("issuer_finals.code"), primary_key=True),
)
"""What the decisions of recognition commissions rest on: number, code or digest of a document → the decision."""
flags = sa.Table(
    "issuer_flags",
    metadata,
    sa.Column("code", sa.ForeignKey("issuer_finals.code"), primary_key=True),
    sa.Column("event", sa.String(32), primary_key=True),
    sa.Column("cited", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("flagged_at", Instant, nullable=False),
    sa.Column("reviewed_at", Instant),
    sa.Column("reviewed_by", sa.Text),
    sa.Column("minutes", sa.Text),
    sa.Column("conclusion", sa.Text),
)
"""Decisions that rest on a document which has ended; `cited` is its number."""

append_only(annulment_steps)
append_only(citations)
for _verb, _when in (
    (f"UPDATE OF {_PROPOSED}, successor, case_name, proposed_at", ""),
    ("UPDATE OF state", "WHEN OLD.state != 'proposed'"),
    ("DELETE", ""),
):
    refuse(proposals, _verb, _when, "what was proposed stays")
for _verb, _when in (
    ("UPDATE OF name, code, about, address, message, created_at", ""),
    ("UPDATE OF way", "WHEN OLD.way IS NOT NULL"),
    ("DELETE", ""),
):
    refuse(notices, _verb, _when, "what a holder was told stays")
refuse(annulments, "UPDATE OF case_name, code, place, opened_at", "", "a case stays")
refuse(annulments, "DELETE", "", "a case stays")
refuse(flags, "UPDATE", "WHEN OLD.reviewed_at IS NOT NULL", "a flag is reviewed once")
refuse(flags, "DELETE", "", "a flag stays")
