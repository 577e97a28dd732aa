"""What a forger or a careless office writes into a document is text on a page (docs/attacks.md E1, A21)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from urllib.parse import quote

import pytest

from schemas import display
from schemas.display import Line, Table
from schemas.languages import Text
from tests.pages import reports
from tests.pages.conftest import Answers, Visit
from verifier.checks import said
from verifier.report import Person, Report, Shown, Signer

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{7*7}}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "{0.__class__.__mro__}{holder}",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</textarea></pre></bdi><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<math><mtext></p><style><img src=x onerror=alert(1)></style></math>",
    "<svg><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<form action=https://evil.example><button>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;b&#62;",
    "\u202e<script>alert(1)</script>\u2066",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "`-alert(1)-`",
)


def full_of(payload: str) -> Report:
    """A valid report with the payload in every field that a document, an office or an attacker can fill."""
    said_thrice = Text.same(payload)
    base = reports.shown("valid", display.LINK)
    assert base is not None
    table = Table(("module_title", "ects"), (said_thrice, said_thrice), ((said_thrice, said_thrice),))
    outcomes = Table(("outcome_group", "outcome"), (said_thrice, said_thrice), ((said_thrice, said_thrice),))
    inner = (Line("ects", said_thrice, said_thrice), Line("whatever", said_thrice, said_thrice))
    lines = (
        Line("learning_outcomes", said_thrice, outcomes),
        Line("modules", said_thrice, table),
        Line("programme", said_thrice, inner),
        Line("grade", said_thrice, (Line("letter", said_thrice, said_thrice),)),
        Line("note", said_thrice, said_thrice),
    )
    change = reports.change("suspended", authority=payload, basis=payload, successor=payload)
    document = replace(
        base,
        kind=said_thrice,
        kind_name=payload,
        title=said_thrice,
        holder=said_thrice,
        number=payload,
        issuer=Signer(payload, said_thrice, confirmed=True, bin=payload, city=said_thrice),
        lines=lines,
        signatories=(Person(payload, said_thrice),),
        legal_basis=said_thrice,
        history=(change,),
    )
    checks = tuple(said(n, "passed", said_thrice) for n in range(1, 10))
    return Report(checks, reports.NOW, "product", True, document)


def claiming(payload: str) -> Report:
    """A report on an unknown issuer that calls itself by the payload."""
    signer = Signer(payload, Text.same(payload), confirmed=False)
    document = Shown(None, None, None, None, None, None, signer, None, None, (), (), None, ())
    return Report(reports.checks("unknown_issuer"), reports.NOW, "product", False, document)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_every_field_stays_text(
    visit: Callable[..., Visit], site: str, answers: Answers, payload: str
) -> None:
    code, other = reports.code_like("XSSXSSXSSXSS0"), reports.code_like("XSSXSSXSSXSS1")
    answers.to_code |= {code: full_of(payload), other: claiming(payload)}
    for address in (code, other):
        window = visit(javascript=True)
        page = window.go(f"{site}/c/{address}?lang=en")
        window.settle()
        assert window.noticed == [], "no dialog, no refusal by the policy, no error"
        assert len(window.requests) == 1
        assert page.locator("script, img, iframe, base, form, input, textarea, math, noscript").count() == 0
        assert page.locator("a[href^='javascript'], a[href^='data'], [onload], [onerror], [onfocus]").count() == 0
        assert page.locator("main bdi", has_text=payload).count() > 0
        assert "49" not in page.locator("main").inner_text().replace(payload, "")
    assert page.title().startswith("Issuer not recognised")


def test_what_is_typed_stays_text(visit: Callable[..., Visit], site: str) -> None:
    for payload in PAYLOADS:
        window = visit(javascript=True)
        page = window.go(f"{site}/c?lang=en&code={quote(payload)}")
        window.settle()
        assert window.noticed == []
        assert page.locator("#code").input_value() == payload
        assert page.locator("script, img, iframe, base").count() == 0


def test_a_file_full_of_markup_is_shown_as_text(visit: Callable[..., Visit], site: str) -> None:
    raw = ("\n".join(PAYLOADS)).encode()
    window = visit(javascript=True)
    page = window.go(f"{site}/?lang=en")
    page.locator("#file").set_input_files({"name": "<img src=x>.json", "mimeType": "text/html", "buffer": raw})
    page.get_by_role("button", name="Check the file").click()
    page.locator("summary", has_text="The signed file").click()
    shown = page.locator("pre").inner_text()
    assert all(payload in shown for payload in PAYLOADS)
    assert window.noticed == []
    assert page.locator("script, img, iframe, base").count() == 0


def test_A21_letters_that_turn_the_line_around_do_not_leave_their_field(
    visit: Callable[..., Visit], site: str, answers: Answers
) -> None:
    code = reports.code_like("RXXRXXRXXRXX0")
    turned = Text.same("\u202eахметова Айгерім\u2067")
    answers.to_code[code] = reports.report("valid", holder=turned)
    page = visit().go(f"{site}/c/{code}?lang=en")
    assert page.locator("dd.name > bdi").count() == 1
    number = page.locator("dd", has_text=reports.NUMBER).first.bounding_box()
    name = page.locator("dd.name").bounding_box()
    assert number
    assert name
    assert number["x"] == name["x"]


def test_a_very_long_word_does_not_widen_the_page(visit: Callable[..., Visit], site: str, answers: Answers) -> None:
    code = reports.code_like("W0RDW0RDW0RD0")
    long = Text.same("Ұ" * 600)
    answers.to_code[code] = replace(full_of("x"), document=reports.shown("valid"))
    answers.to_code[code] = reports.report("valid", holder=long, title=long, issued_on=date(2026, 1, 1))
    page = visit().go(f"{site}/c/{code}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
