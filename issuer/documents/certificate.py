"""A document on paper: an A4 PDF for any kind of document, the signed JSON inside it.

Page 1 is the face; the pages after it hold the rest. Each page carries number, code, address and page number. The
same credential, print and address give the same bytes.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from reportlab.pdfgen.canvas import Canvas

from issuer.documents import qr
from issuer.documents.attach import attached
from issuer.documents.face import Face, face
from issuer.documents.layout import Page, Strip, paginate, stacked
from issuer.documents.particulars import particulars
from issuer.documents.said import check_said
from issuer.documents.sheet import BOTTOM, FACE_TOP, Sheet, running_head
from issuer.documents.styles import ACCENT, PAGE
from schemas.credential import Credential
from schemas.display import PAPER, lines
from schemas.languages import Text, say
from schemas.numbers import grouped


@dataclass(frozen=True)
class Print:
    """Which print of a document this is: 1 is the original, 2 and more are duplicates."""

    number: int
    on: date

    @property
    def duplicate(self) -> Text | None:
        """What a duplicate says of itself."""
        return say("paper.duplicate", number=self.number, on=self.on) if self.number > 1 else None


def render(credential: Credential, *, page_url: str, printed: Print, accent: str = ACCENT) -> bytes:
    """The PDF of a signed document; its QR code leads to `page_url`.

    Raises `Refused` for a character that the fonts lack, where a font file is missing or changed, and `OtherText` where
    the paper would not say what the document says.
    """
    sheet = _sheet(credential, page_url, qr.modules(page_url), accent)
    pdf = _drawn(sheet, *_checked(credential, sheet, printed))
    title = f"{credential.kind.title.kk} {credential.number}"
    return attached(pdf, credential.data, title=title, language="kk", on=printed.on)


def check_paper(credential: Credential) -> None:
    """Would its first print say what it says? For a draft too; raises as `render` does. Nothing is drawn."""
    address = str(credential.value["id"])
    sheet = _sheet(credential, address, qr.blank(address), ACCENT)
    _checked(credential, sheet, Print(1, credential.issued_on))


def _sheet(credential: Credential, page_url: str, modules: qr.Modules, accent: str) -> Sheet:
    return Sheet(
        number=credential.number,
        code=grouped(credential.code),
        address=urlsplit(page_url).netloc,
        modules=modules,
        running=running_head(credential.kind.title, credential.facts.holder_text.kk),
        accent=accent,
        test=credential.is_test,
    )


Placed = tuple[float, Page]
"""A page's text and the height at which it begins."""


def _checked(credential: Credential, sheet: Sheet, printed: Print) -> tuple[list[Placed], list[Placed]]:
    """The pages, once they are known to say what the document says."""
    shown = lines(credential.facts, PAPER)
    first, rest = _composed(credential, sheet, face(credential, shown, printed.duplicate, sheet.accent, sheet.field))
    strips = [strip for _, page in (*first, *rest) for _, strip in page.placed]
    check_said(credential, strips, [printed.duplicate] if printed.duplicate else [])
    return first, rest


def _composed(credential: Credential, sheet: Sheet, first: Face) -> tuple[list[Placed], list[Placed]]:
    """The two parts of page 1, and the pages after it.

    Where page 1 cannot hold them, signatories stand at the end of the document; and where that is not enough, page 1
    flows on.
    """
    strips, foot, rest = list(first.strips), list(first.foot), list(particulars(credential, first.rest, sheet.accent))
    below = max(sheet.field_top - BOTTOM, stacked(foot) + FOOT_GAP)
    if stacked(strips) + below > FACE_TOP - BOTTOM:
        below, foot, rest = sheet.field_top - BOTTOM, [], [*rest, *signed_at_end(foot)]
    room = FACE_TOP - BOTTOM - below
    head, *more = paginate(_spread(strips, room), sheet.body_top - BOTTOM, first=room)
    rest = [*(strip for page in more for _, strip in page.placed), *rest]
    after = [(sheet.body_top, page) for page in _fewest(rest, sheet.body_top - BOTTOM)]
    return [(FACE_TOP, head), (BOTTOM + stacked(foot), _page(foot))], after


TIGHTER = (1, 0.9, 0.8, 0.7, 0.65)
"""By how much the space between strips may shrink where that saves a page."""


def _fewest(strips: Sequence[Strip], room: float) -> list[Page]:
    """As few pages as the tightest spacing makes, at the loosest spacing that makes so few."""
    fewest = paginate(strips, room, scale=TIGHTER[-1])
    looser = (paginate(strips, room, scale=scale) for scale in TIGHTER[:-1])
    return next((pages for pages in looser if len(pages) == len(fewest)), fewest)


FOOT_GAP = 22
"""Between the upper part of page 1 and the signatories."""


def signed_at_end(foot: Sequence[Strip]) -> list[Strip]:
    """Decision and signatories after the last of the text, together."""
    return [replace(foot[0], before=30, keep=True), *(replace(s, keep=True) for s in foot[1:-1]), *foot[1:][-1:]]


def _page(strips: Sequence[Strip]) -> Page:
    page = Page(stacked(strips))
    page.put(strips)
    return page


BELOW = 2
"""The share of spare room that stays below the last strip."""


def _spread(strips: Sequence[Strip], room: float) -> list[Strip]:
    """Shares the page's spare room among the strips that may grow."""
    spare = max(room - stacked(strips), 0)
    shares = sum(strip.grow for strip in strips) + BELOW
    return [replace(strip, before=strip.before + spare * strip.grow / shares) for strip in strips]


def _drawn(sheet: Sheet, first: Sequence[Placed], rest: Sequence[Placed]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=PAGE, invariant=1, pageCompression=0)
    for top, page in first:
        page.draw(canvas, top)
    sheet.draw_first(canvas)
    sheet.draw_frame(canvas, 1, len(rest) + 1)
    for number, (top, page) in enumerate(rest, start=2):
        canvas.showPage()
        sheet.draw_running(canvas)
        page.draw(canvas, top)
        sheet.draw_frame(canvas, number, len(rest) + 1)
    canvas.save()
    return out.getvalue()
