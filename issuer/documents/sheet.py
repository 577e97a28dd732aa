"""What stands on each page around its text: footer, running head, the band TEST; on page 1 the head and the QR."""

from dataclasses import dataclass, replace
from functools import cached_property

from reportlab.pdfgen.canvas import Canvas

from issuer.documents import ornament, qr
from issuer.documents.layout import MM, Block, Strip, block, ink
from issuer.documents.rules import rule
from issuer.documents.styles import (
    FOOT,
    HAIR,
    LEFT,
    MUTED,
    PAGE,
    RIGHT,
    TEST,
    TEST_GROUND,
    TOP,
    WIDTH,
    sans,
)
from issuer.documents.typefaces import width as width_of
from schemas.languages import Text, say

BOTTOM = FOOT + 9
"""Where the text of a page ends."""
FACE_TOP = TOP - ornament.HEIGHT - 18
"""Where the text of page 1 begins, below ornament and double rule."""
CODE = sans(7.9, bold=True)
FINE = sans(7, MUTED)
FINE_BOLD = sans(7.6, bold=True)


@dataclass(frozen=True)
class Sheet:
    """What all pages of one print say outside their text."""

    number: str
    code: str
    address: str
    modules: qr.Modules
    running: Strip
    accent: str
    test: bool

    @property
    def body_top(self) -> float:
        """Where the text of the pages after the first begins."""
        return TOP - self.running.height - 16

    @property
    def field(self) -> float:
        """The width that the QR code's clear field takes from the foot of page 1."""
        return qr.side(self.modules) + qr.quiet(self.modules)

    @cached_property
    def caption(self) -> tuple[Block, ...]:
        """Under the QR code: what to type and where, by hand."""
        x, wide = RIGHT - qr.side(self.modules), qr.side(self.modules)
        return (block(self.code, CODE, x, wide), block(self.address, sans(7.2), x, wide))

    @property
    def field_top(self) -> float:
        """The upper edge of the QR code's clear field."""
        caption = sum(piece.height for piece in self.caption)
        return BOTTOM + caption + qr.side(self.modules) + 2 * qr.quiet(self.modules)

    def draw_first(self, canvas: Canvas) -> None:
        """Ornament and double rule at the head, the QR code at the lower right."""
        ornament.draw(canvas, LEFT, TOP, WIDTH, self.accent)
        for mark in (rule(self.accent, 1.1), rule(self.accent, 0.35, below=2.4)):
            mark(canvas, TOP - ornament.HEIGHT - 4)
        top = self.field_top - qr.quiet(self.modules)
        qr.draw(canvas, self.modules, RIGHT - qr.side(self.modules), top)
        Strip((self.caption,)).draw(canvas, top - qr.side(self.modules) - qr.quiet(self.modules))

    def draw_running(self, canvas: Canvas) -> None:
        """Which document this page belongs to, and whose."""
        self.running.draw(canvas, TOP)
        for mark in (rule(self.accent, 0.8), rule(self.accent, 0.3, below=1.8)):
            mark(canvas, TOP - self.running.height - 3)

    def draw_frame(self, canvas: Canvas, page: int, pages: int) -> None:
        """The footer, and the band where the document is a test."""
        rule(HAIR, 0.5)(canvas, FOOT)
        self._footer(page, pages).draw(canvas, FOOT - 5)
        if self.test:
            draw_test_band(canvas)

    def _footer(self, page: int, pages: int) -> Strip:
        check = " · ".join(text for _, text in say("paper.check_address"))
        words = " · ".join(text for _, text in say("paper.page"))
        return Strip(
            (
                (
                    block(f"№ {self.number} · {self.code}", FINE_BOLD, LEFT, WIDTH),
                    block(f"{check}: {self.address}", FINE, LEFT, WIDTH * 0.7),
                ),
                (
                    block(f"{page} / {pages}", FINE_BOLD, RIGHT - 120, 120, right=True),
                    block(words, FINE, RIGHT - 120, 120, right=True),
                ),
            )
        )


def running_head(title: Text, holder: str) -> Strip:
    """The kind of document in three languages, and the holder's name."""
    words = block(" · ".join(text for _, text in title), FINE, LEFT, WIDTH * 0.68)
    return Strip(((words,), (block(holder, FINE, LEFT + WIDTH * 0.7, WIDTH * 0.3, right=True),)))


BAND = sans(8.6, TEST, bold=True)
BAND_HEIGHT = 7 * MM
BAND_TOP = PAGE[1] - 7 * MM


def draw_test_band(canvas: Canvas) -> None:
    """A hatched band in the upper margin, where no text stands; its own words on a plain ground in the middle."""
    words = block(" · ".join(text for _, text in say("paper.test")), BAND, 0, PAGE[0])
    left = (PAGE[0] - width_of(words.lines[0], BAND.font, BAND.size)) / 2
    canvas.setFillColor(ink(TEST_GROUND))
    canvas.rect(0, BAND_TOP - BAND_HEIGHT, PAGE[0], BAND_HEIGHT, stroke=0, fill=1)
    _hatch(canvas, 0, left - 12)
    _hatch(canvas, PAGE[0] - left + 12, PAGE[0])
    replace(words, x=left).draw(canvas, BAND_TOP - (BAND_HEIGHT - BAND.leading) / 2)


def _hatch(canvas: Canvas, left: float, right: float) -> None:
    lower = BAND_TOP - BAND_HEIGHT
    clip, lines = canvas.beginPath(), canvas.beginPath()
    clip.rect(left, lower, right - left, BAND_HEIGHT)
    for step in range(int(left / 6) - 4, int(right / 6) + 1):
        lines.moveTo(step * 6, lower)
        lines.lineTo(step * 6 + BAND_HEIGHT, BAND_TOP)
    canvas.saveState()
    canvas.clipPath(clip, stroke=0, fill=0)
    canvas.setStrokeColor(ink(TEST))
    canvas.setLineWidth(0.8)
    canvas.drawPath(lines, stroke=1, fill=0)
    canvas.restoreState()
