"""The ornament at the head of a document: a band of қошқар мүйіз (ram's horns), drawn by us as curves.

One horn is an outline in a unit square whose left edge is the motif's axis; its mirror image makes the pair, and
every second pair hangs from the upper edge.
"""

from functools import cache

from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from issuer.documents.layout import MM, ink

HEIGHT = 5.8 * MM

Point = tuple[float, float]

_HORN: tuple[tuple[Point, ...], ...] = (
    ((-0.02, 0.00),),
    ((-0.02, 0.52),),
    ((0.00, 0.86), (0.26, 1.00), (0.50, 1.00)),
    ((0.78, 1.00), (0.94, 0.82), (0.94, 0.60)),
    ((0.94, 0.40), (0.80, 0.26), (0.62, 0.26)),
    ((0.46, 0.26), (0.36, 0.36), (0.36, 0.49)),
    ((0.36, 0.61), (0.45, 0.69), (0.55, 0.69)),
    ((0.64, 0.69), (0.70, 0.63), (0.70, 0.55)),
    ((0.70, 0.50), (0.66, 0.46), (0.61, 0.47)),
    ((0.62, 0.54), (0.58, 0.58), (0.54, 0.57)),
    ((0.49, 0.56), (0.48, 0.51), (0.49, 0.47)),
    ((0.51, 0.41), (0.57, 0.38), (0.63, 0.39)),
    ((0.73, 0.40), (0.80, 0.49), (0.80, 0.60)),
    ((0.80, 0.75), (0.68, 0.86), (0.50, 0.86)),
    ((0.30, 0.86), (0.17, 0.74), (0.15, 0.52)),
    ((0.13, 0.30), (0.16, 0.10), (0.26, 0.00)),
)


def draw(canvas: Canvas, x: float, top: float, width: float, colour: str) -> None:
    """The band under `top`, from `x` over `width`."""
    canvas.saveState()
    canvas.translate(x, top - HEIGHT)
    canvas.setFillColor(ink(colour))
    for side in (1, -1):
        canvas.drawPath(_horns(width, side), stroke=0, fill=1)
    canvas.restoreState()


@cache
def _horns(width: float, side: int) -> PDFPathObject:
    """All right horns or all left ones: an odd number of pairs, so that both ends of the band stand upright."""
    pairs = round(width / (2 * HEIGHT)) // 2 * 2 + 1
    half = width / pairs / 2
    path = PDFPathObject()
    for pair in range(pairs):
        _horn(path, (2 * pair + 1) * half, side * half, hanging=pair % 2 == 1)
    return path


def _horn(path: PDFPathObject, axis: float, reach: float, *, hanging: bool) -> None:
    def at(point: Point) -> Point:
        return axis + point[0] * reach, HEIGHT * (1 - point[1] if hanging else point[1])

    path.moveTo(*at(_HORN[0][0]))
    path.lineTo(*at(_HORN[1][0]))
    for step in _HORN[2:]:
        path.curveTo(*(number for point in step for number in at(point)))
    path.close()
