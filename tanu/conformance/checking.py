"""`credentials/verify` and `presentations/verify`: the verifier that people use, under policy `open`, and its report
as the VC-API wants it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from registry.fetch import Fetcher, once
from schemas.credential import written
from schemas.errors import Malformed
from schemas.languages import Text
from schemas.reading import Json
from tanu.conformance.instances import Instance
from tanu.conformance.issuing import member_of
from verifier.canonizer import Canonizer
from verifier.enveloped import is_envelope, verify_enveloped
from verifier.foreign import verify_foreign
from verifier.presentation import Asked, Means, PresentationReport, examine
from verifier.report import Report

AnyReport = Report | PresentationReport


@dataclass(frozen=True, slots=True)
class Verifier:
    """What verifies behind the doors."""

    clock: Callable[[], datetime]
    fetcher: Fetcher
    canonizer: Canonizer

    def credential(self, instance: Instance, body: Mapping[str, Json]) -> Report:
        """The report on the credential in `body`; raises `Malformed` where there is none."""
        return self._judged(instance, written(member_of(body, "verifiableCredential")))

    def presentation(self, instance: Instance, body: Mapping[str, Json]) -> PresentationReport:
        """The report on the presentation in `body`, as the answer to `options.challenge` for `options.domain`."""
        presentation = written(member_of(body, "verifiablePresentation"))
        options = member_of(body, "options")
        challenge, domain = options.get("challenge"), options.get("domain")
        if not isinstance(challenge, str) or not isinstance(domain, str | None):
            raise Malformed.saying("conformance.bad_member", member="challenge, domain")
        one = replace(self, fetcher=once(self.fetcher), canonizer=self.canonizer.shared())
        means = Means(partial(one._judged, instance), "open", one.fetcher, one.canonizer)
        return examine(presentation, Asked(challenge, domain), self.clock(), means)

    def _judged(self, instance: Instance, data: bytes) -> Report:
        if is_envelope(data):
            return verify_enveloped(data, self.clock(), self.fetcher, self.canonizer)
        return verify_foreign(data, self.clock(), self.fetcher, self.canonizer, instance.leniency)


def verified(report: AnyReport) -> dict[str, Any]:
    """The report with `verified`, and with `warnings`: a key that is not the issuer's. `errors` stays empty: what went
    wrong stands in `checks`, and in a refusal's `detail`."""
    warnings = [check.as_json() for check in report.checks if check.n == 4 and check.outcome == "not_applicable"]
    return {"verified": report.verdict == "valid", **report.as_json(), "warnings": warnings, "errors": []}


def because(report: AnyReport) -> Text:
    """The sentence of the first step that decided the verdict, of the presentation or of a credential in it."""
    checks = list(report.checks)
    if isinstance(report, PresentationReport):
        checks += [check for each in report.credentials for check in each.report.checks]
    deciding = [check for check in checks if check.verdict == report.verdict]
    return (deciding or [check for check in checks if check.outcome == "unknown"])[0].because
