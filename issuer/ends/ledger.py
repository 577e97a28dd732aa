"""The tables behind the ends of documents; `issuer.ends.store` is what reads and writes them.

What was proposed is never changed or removed, only closed, once; the database holds that on SQLite.
"""

import sqlalchemy as sa

from issuer.ledger import metadata
from registry.ledger import Instant, refuse

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
for _verb, _when in (
    (f"UPDATE OF {_PROPOSED}, successor, case_name, proposed_at", ""),
    ("UPDATE OF state", "WHEN OLD.state != 'proposed'"),
    ("DELETE", ""),
):
    refuse(proposals, _verb, _when, "what was proposed stays")
