"""Draws docs/screens: `python -m tests.pages.screens`; in the product's own letters, so they are the same anywhere.

`python -m tests.pages.screens all FOLDER` draws every verdict in every language instead, by day and by night.
"""

import io
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from registry.pages import Reader, Site
from schemas import display
from schemas.languages import LANGUAGES, Language
from tests.pages import reports
from tests.pages.conftest import CHROMIUM, FLAGS, PHONE
from verifier.pages import VerifierPages
from verifier.report import VERDICTS, Verdict

Light = Literal["light", "dark"]
Drawing = tuple[str, str, Light]
"""Name of the file, the page's HTML, by day or by night."""

PAGES = VerifierPages(Site("https://tanu.example"))
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir>
<match target="pattern"><edit name="family" mode="assign" binding="strong"><string>Noto Sans</string></edit></match>
</fontconfig>"""


def report_page(verdict: Verdict, language: Language) -> str:
    """The page behind the QR code."""
    return PAGES.report(Reader(language, chosen=True), reports.report(verdict), "code").html


def few() -> Iterator[Drawing]:
    """What the documentation shows."""
    chosen: list[tuple[str, Verdict, Language, Light]] = [
        ("page-valid", "valid", "kk", "light"),
        ("page-valid-dark", "valid", "ru", "dark"),
        ("page-annulled", "annulled", "ru", "light"),
        ("page-replaced", "replaced", "en", "light"),
        ("page-could-not-check", "indeterminate", "en", "light"),
        ("page-unknown-issuer", "unknown_issuer", "kk", "light"),
    ]
    for name, verdict, language, light in chosen:
        yield name, report_page(verdict, language), light
    shared = PAGES.report(Reader("en", chosen=True), reports.report("valid", show=display.LINK), "link")
    yield "page-for-credit-transfer", shared.html, "light"
    yield "first-page", PAGES.home(Reader("kk", chosen=True)).html, "light"


def every() -> Iterator[Drawing]:
    """Everything there is to look at."""
    lights: tuple[Light, Light] = ("light", "dark")
    for light in lights:
        for language in LANGUAGES:
            yield f"home-{language}-{light}", PAGES.home(Reader(language)).html, light
            for verdict in VERDICTS:
                yield f"{verdict}-{language}-{light}", report_page(verdict, language), light


def draw(browser: Browser, folder: Path, drawings: Iterable[Drawing]) -> None:
    """Writes the pictures; a page for reading is drawn at full length, the others as a phone shows them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, html, light in drawings:
        size = {"width": PHONE["width"], "height": PHONE["height"]}
        page = browser.new_page(viewport=size, color_scheme=light, java_script_enabled=False)  # type: ignore[arg-type]
        page.set_content(html)
        drawn = page.screenshot(full_page="transfer" in name)
        Image.open(io.BytesIO(drawn)).quantize(64).save(folder / f"{name}.png", optimize=True)
        page.close()


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as cache, sync_playwright() as playwright:
        config = Path(cache, "fonts.conf")
        config.write_text(FONTS.format(fonts=Path("issuer/documents/fonts").resolve(), cache=cache))
        environment: dict[str, str | float | bool] = {**os.environ, "FONTCONFIG_FILE": str(config)}
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), env=environment)
        if arguments[:1] == ["all"]:
            draw(browser, Path(arguments[1]), every())
        else:
            draw(browser, Path("docs/screens"), few())
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
