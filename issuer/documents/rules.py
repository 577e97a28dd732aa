"""Rules: the thin lines of the sheet."""

from reportlab.pdfgen.canvas import Canvas

from issuer.documents.layout import Mark, ink
from issuer.documents.styles import LEFT, WIDTH


def rule(colour: str, thickness: float, *, below: float = 0, x: float = LEFT, width: float = WIDTH) -> Mark:
    """A rule `below` the top edge of its strip (above it, where negative)."""

    def draw(canvas: Canvas, top: float) -> None:
        canvas.setStrokeColor(ink(colour))
        canvas.setLineWidth(thickness)
        canvas.line(x, top - below, x + width, top - below)

    return draw
