"""`credentials/verify` and `presentations/verify`: the verifier that people use, under policy `open`, and its report
as the VC-API wants it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.fetch import Fetcher
from schemas.credential import written
from schemas.languages import Text
from schemas.reading import Json
from tanu.conformance.issuing import member_of
from verifier.canonizer import Canonizer
from verifier.foreign import verify_foreign
from verifier.report import Report


@dataclass(frozen=True)
class OwnLists(Fetcher):
    """Answers in process what lies behind the doors themselves, and fetches the rest as the operator allows."""

    own: Callable[[str], bytes | None] = lambda _url: None

    def get(self, url: str) -> bytes | None:
        found = self.own(url)
        return super().get(url) if found is None else found


def verify_credential(body: Mapping[str, Json], now: datetime, fetcher: Fetcher, canonizer: Canonizer) -> Report:
    """The report on the credential in `body`; raises `Malformed` where there is none."""
    return verify_foreign(written(member_of(body, "verifiableCredential")), now, fetcher, canonizer)


def verified(report: Report) -> dict[str, Any]:
    """The members of an answer: `verified`, the verdict, and each numbered step. `errors` stays empty: what went wrong
    stands in `checks`, and in a refusal's `detail`."""
    said = report.as_json()
    ends = {"verified": report.verdict == "valid", "verdict": said["verdict"], "checks": said["checks"]}
    return {**ends, "warnings": [], "errors": []}


def because(report: Report) -> Text:
    """The sentence of the first step that decided the verdict."""
    deciding = [check for check in report.checks if check.verdict == report.verdict]
    unknown = [check for check in report.checks if check.outcome == "unknown"]
    return (deciding or unknown)[0].because
