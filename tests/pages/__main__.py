"""Write the answers into the pages of `docs/api`."""

import asyncio

from tests.pages.pages import filled, pages

for page in pages():
    page.write_text(asyncio.run(filled(page.read_text("utf-8"))), "utf-8")
    print(page.name)
