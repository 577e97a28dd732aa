"""The table of handing over; `issuer.register.store` is what reads and writes it. Rows are never changed or removed."""

import sqlalchemy as sa

from issuer.ledger import metadata
from registry.ledger import Instant, append_only

handovers = sa.Table(
    "issuer_handovers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("code", sa.ForeignKey("issuer_finals.code"), nullable=False),
    sa.Column("handed_on", sa.Date, nullable=False),
    sa.Column("received_by", sa.Text, nullable=False),
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("handed_by", sa.Text, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.UniqueConstraint("code", "handed_on", "received_by", "form"),
)
append_only(handovers)
