"""The tables of the issuer's own record; `issuer.store` is what reads and writes them.

Rows of `audit`, `proofs`, `finals`, `changes`, `prints` and `slots` are never changed or removed, and of an intent
nothing but its state, once; no signature is kept without an intent, a row of the audit and the recorded bytes. The
database holds that on SQLite.
"""

import sqlalchemy as sa

from registry.ledger import Instant, append_only, ends_once, refuse
from schemas.statuslist import MIN_SLOTS

metadata = sa.MetaData()

signatories = sa.Table(
    "issuer_signatories",
    metadata,
    sa.Column("institution", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("person", sa.JSON, nullable=False),
)
counters = sa.Table(
    "issuer_counters",
    metadata,
    sa.Column("institution", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)
intents = sa.Table(
    "issuer_intents",
    metadata,
    sa.Column("code", sa.String(14), primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("institution", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("profile", sa.Text, nullable=False),
    sa.Column("file_case", sa.Text, nullable=False),
    sa.Column("facts_digest", sa.String(64), nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("canonical_sha256", sa.String(64), nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("operator", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("void_reason", sa.Text),
    sa.Column("parent", sa.Text),
)
sa.Index(
    "issuer_one_document_a_case",
    intents.c.institution,
    intents.c.kind,
    intents.c.file_case,
    unique=True,
    sqlite_where=intents.c.state != "void",
    postgresql_where=intents.c.state != "void",
)
slots = sa.Table(
    "issuer_slots",
    metadata,
    sa.Column("list_url", sa.Text, primary_key=True),
    sa.Column("slot", sa.Integer, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("code", sa.ForeignKey("issuer_intents.code"), nullable=False),
    sa.UniqueConstraint("code", "purpose"),
)
lists = sa.Table(
    "issuer_lists",
    metadata,
    sa.Column("url", sa.Text, primary_key=True),
    sa.Column("institution", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("taken", sa.Integer, nullable=False),
    sa.Column("slots", sa.Integer, nullable=False, server_default=str(MIN_SLOTS)),
    sa.UniqueConstraint("institution", "purpose", "ordinal"),
)
persons = sa.Table(
    "issuer_persons",
    metadata,
    sa.Column("code", sa.ForeignKey("issuer_intents.code"), primary_key=True),
    sa.Column("iin", sa.Text),
    sa.Column("email", sa.Text),
)
proofs = sa.Table(
    "issuer_proofs",
    metadata,
    sa.Column("code", sa.ForeignKey("issuer_intents.code"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("who", sa.Text, nullable=False),  # the verification method: a person who has lost a key signs by another
    sa.Column("proof", sa.LargeBinary, nullable=False),
    sa.Column("signed_at", Instant, nullable=False),
    sa.UniqueConstraint("code", "who"),
)
finals = sa.Table(
    "issuer_finals",
    metadata,
    sa.Column("code", sa.ForeignKey("issuer_intents.code"), primary_key=True),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("signed_at", Instant, nullable=False),
)
changes = sa.Table(
    "issuer_changes",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("code", sa.ForeignKey("issuer_finals.code"), nullable=False, index=True),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("effective_on", sa.Date, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("successor", sa.Text),
    sa.Column("decided_on", sa.Date),
    sa.Column("from_beginning", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("minutes", sa.Text, nullable=False, server_default=""),
    sa.Column("entered_by", sa.Text, nullable=False),
    sa.Column("confirmed_by", sa.Text),
    sa.UniqueConstraint("event", "code"),
)
outbox = sa.Table(
    "issuer_outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("errand", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("delivered_at", Instant, index=True),
)
prints = sa.Table(
    "issuer_prints",
    metadata,
    sa.Column("code", sa.ForeignKey("issuer_finals.code"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("printed_on", sa.Date, nullable=False),
    sa.Column("printed_by", sa.Text, nullable=False),
)
links = sa.Table(
    "issuer_links",
    metadata,
    sa.Column("token_sha256", sa.String(64), primary_key=True),
    sa.Column("code", sa.ForeignKey("issuer_finals.code"), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.UniqueConstraint("code", "purpose", "generation"),
)
audit = sa.Table(
    "issuer_audit",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("chain", sa.String(64), nullable=False, unique=True),
)
sa.Index("issuer_audit_of_subject", audit.c.subject, audit.c.act)

for _table in (finals, changes, audit, prints, slots, proofs):
    append_only(_table)
ends_once(changes)

_RECORDED = "code, number, institution, kind, profile, file_case, facts_digest, document, canonical_sha256, options"
_OPEN = "OLD.state = 'intended'"
_REASON = "trim(coalesce(NEW.void_reason, '')) != ''"
_FINAL = "EXISTS (SELECT 1 FROM issuer_finals f WHERE f.code = NEW.code)"
for _verb, _when in (
    (f"UPDATE OF {_RECORDED}, operator, created_at, parent", ""),
    (
        "UPDATE OF state, void_reason",
        f"WHEN NOT ({_OPEN} AND (NEW.state = 'void' AND {_REASON} OR NEW.state = 'final' AND {_FINAL}))",
    ),
    ("DELETE", ""),
):
    refuse(
        intents, _verb, _when, "what was recorded before a signature stays, and ends once: final, or void for a reason"
    )
refuse(counters, "UPDATE", "WHEN NEW.last != OLD.last + 1", "numbers go on one by one")
refuse(counters, "DELETE", "", "numbers go on")

_AUDITED = "SELECT 1 FROM issuer_intents i JOIN issuer_audit a ON a.subject = i.number WHERE i.code = NEW.code"
_SAME_BYTES = "substr(NEW.document, 1, length(i.document) - 1) = substr(i.document, 1, length(i.document) - 1)"
for _table, _acts, _same in (
    (finals, "a.act = 'sign'", f"AND {_SAME_BYTES}"),
    (
        proofs,
        "a.act = CASE NEW.place WHEN 0 THEN 'sign' ELSE a.act END AND a.act IN ('sign', 'cosign', 'cosign_received')",
        "",
    ),
):
    _when = f"WHEN NOT EXISTS ({_AUDITED} AND i.state = 'intended' AND {_acts} {_same})"
    refuse(_table, "INSERT", _when, "no signature without its intent and its row of the audit, and over nothing else")
