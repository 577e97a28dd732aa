"""May what was recorded still be issued? The register judges by its own clock, so a document that waits, for others to
sign or for a process to come back, beyond the end of its institution's right would be published for nothing."""

from issuer.intents import Intent
from issuer.office import Office
from registry.entitlement import Behalf, Lacking, Wanted, entitlement
from registry.issuers import Institution
from schemas.errors import Refused
from schemas.kinds.table import kind_named
from schemas.languages import joined, say
from schemas.reading import read_object


def check_entitled(office: Office, institution: Institution, intent: Intent) -> None:
    """Raises `Refused` where the institution, or in whose name it issues, has no right to issue it today."""
    document = read_object(intent.document)
    named = document["issuer"].get("onBehalfOf")
    mandator = office.registry.institution(str(named["id"])) if named else None
    behalf = Behalf(mandator, str(named["mandateNumber"])) if named and mandator else None
    kind = kind_named(intent.kind)
    found = entitlement(institution, behalf, Wanted(kind.name, kind.profession_code(document)), office.now())
    if isinstance(found, Lacking) or (named and mandator is None):
        told = {"body": institution.name, "day": office.today(), "kind": kind.title}
        because = found.because if isinstance(found, Lacking) else None
        sentence = say("issue.right_ended", number=intent.number, **told)
        raise Refused(joined(sentence, because) if because else sentence)
