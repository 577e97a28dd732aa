"""The instances: one for each suite and key, because a request of the VC-API names neither.

Keys are made at start, stay in memory and are forgotten. Nothing that they sign is an education document.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from keys.did import method_id
from keys.public import KeyName
from keys.signer import FileSigner, Signer
from tanu.conformance.status_list import StatusList
from verifier.foreign import Leniency

PREFIX = "/vc-api"
"""Where the doors stand."""


@dataclass(frozen=True, slots=True)
class Row:
    """What an instance secures with: the row's name is the instance's."""

    name: str
    suite: str
    key: KeyName
    keeps_status: bool = False
    """It adds `credentialStatus` itself and keeps the list."""


SELECTIVE = "ecdsa-sd-2023"
JOSE = "vc+jwt"
"""No suite of Data Integrity, but an envelope."""
ROWS = (
    Row("eddsa-rdfc-2022", "eddsa-rdfc-2022", "Ed25519"),
    Row("eddsa-jcs-2022", "eddsa-jcs-2022", "Ed25519"),
    Row("ecdsa-rdfc-2019-p256", "ecdsa-rdfc-2019", "P-256"),
    Row("ecdsa-rdfc-2019-p384", "ecdsa-rdfc-2019", "P-384"),
    Row("ecdsa-jcs-2019-p256", "ecdsa-jcs-2019", "P-256"),
    Row("ecdsa-jcs-2019-p384", "ecdsa-jcs-2019", "P-384"),
    Row("ecdsa-sd-2023", SELECTIVE, "P-256"),
    Row("status", "eddsa-rdfc-2022", "Ed25519", keeps_status=True),
    Row("jose", JOSE, "P-256"),
)

NewKey = Callable[[KeyName], Signer]


@dataclass(frozen=True)
class Instance:
    """One issuer and verifier behind its own doors."""

    row: Row
    signer: Signer
    public_url: str

    @property
    def did(self) -> str:
        return f"did:key:{self.signer.multibase}"

    @property
    def method(self) -> str:
        """The verification method of its one key."""
        return method_id(self.did, self.signer.multibase)

    def address(self, door: str) -> str:
        return f"{self.public_url}{PREFIX}/{self.row.name}/{door}"

    @property
    def leniency(self) -> Leniency:
        """The examples of the standards are signed by keys that are not their issuers'; those of ecdsa-sd-2023 name
        their terms by a catch-all too."""
        return Leniency(binding="warn", catch_all=self.row.suite == SELECTIVE)

    @cached_property
    def statuses(self) -> StatusList | None:
        if not self.row.keeps_status:
            return None
        return StatusList(self.address("status-list"), self.did, self.method, self.signer)

    def as_json(self) -> dict[str, str]:
        """Its row in `GET /vc-api`."""
        return {
            "instance": self.row.name,
            "id": self.did,
            "suite": self.row.suite,
            "keyType": self.row.key,
            "issue": self.address("credentials/issue"),
            "verify": self.address("credentials/verify"),
            "derive": self.address("credentials/derive"),
            "status": self.address("credentials/status"),
            "presentations": self.address("presentations/verify"),
        }


def instances(
    public_url: str, new_key: NewKey = FileSigner.generate, rows: Iterable[Row] = ROWS
) -> Mapping[str, Instance]:
    """Name → instance, each with a new key."""
    return {row.name: Instance(row, new_key(row.key), public_url) for row in rows}
