"""Writes what is made from the code into README and the pages, and the manual's page."""

from docs import manual
from docs.checks import FOLDER, check_pages
from docs.made import PAGES, made

FOLDER.mkdir(exist_ok=True)
for page, new in {
    **{page: made(page.read_text(encoding="utf-8")) for page in PAGES},
    **check_pages(),
    manual.PAGE: manual.page(),
}.items():
    if not page.exists() or page.read_text(encoding="utf-8") != new:
        page.write_text(new, encoding="utf-8")
        print(f"wrote {page.name}")
