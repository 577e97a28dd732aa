"""The QR code on paper: vector modules in one path, in a clear field."""

from collections.abc import Iterator
from itertools import groupby

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M
from reportlab.pdfgen.canvas import Canvas

from issuer.documents.layout import MM

QUIET = 4
"""ISO/IEC 18004 asks for a clear field of four modules on each side."""
SIDE = 30 * MM
LEAST_MODULE = 0.6 * MM
"""So that a long address makes the code larger, never its modules too small for a phone."""

Modules = list[list[bool]]


def modules(address: str) -> Modules:
    """The code's dark modules, row by row from the top, for error correction level M.

    The mask is scored over all eight patterns (3 ms): a paper is printed once and scanned for decades.
    """
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(address, optimize=0)
    code.make()
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def blank(address: str) -> Modules:
    """As many modules as the code will have, all of them light: for measuring."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(address, optimize=0)
    wide = 17 + 4 * code.best_fit()
    return [[False] * wide for _ in range(wide)]


def side(dark: Modules) -> float:
    """The printed width of the code, without its clear field."""
    return max(SIDE, len(dark) * LEAST_MODULE)


def quiet(dark: Modules) -> float:
    """The width of its clear field."""
    return QUIET * side(dark) / len(dark)


def draw(canvas: Canvas, dark: Modules, x: float, top: float) -> None:
    """Draws the code with its upper left corner at (x, top), in black, as one path."""
    module = side(dark) / len(dark)
    path = canvas.beginPath()
    for column, row, wide, high in _rectangles(dark):
        path.rect(x + column * module, top - (row + high) * module, wide * module, high * module)
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)


def _rectangles(dark: Modules) -> Iterator[tuple[int, int, int, int]]:
    """Column, row, width and height of rectangles that cover the dark modules: equal runs of rows are merged."""
    growing: dict[tuple[int, int], int] = {}
    for row, line in enumerate([*dark, [False] * len(dark)]):
        runs = set(_runs(line))
        for run in [run for run in growing if run not in runs]:
            start = growing.pop(run)
            yield run[0], start, run[1], row - start
        for run in sorted(runs):
            growing.setdefault(run, row)


def _runs(line: list[bool]) -> Iterator[tuple[int, int]]:
    """Start and length of each run of dark modules."""
    column = 0
    for dark, run in groupby(line):
        length = sum(1 for _ in run)
        if dark:
            yield column, length
        column += length
