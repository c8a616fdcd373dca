"""Writes what is made from the code into README and the pages."""

from docs.made import PAGES, made

for page in PAGES:
    text = page.read_text(encoding="utf-8")
    if (new := made(text)) != text:
        page.write_text(new, encoding="utf-8")
        print(f"wrote {page.name}")
