"""Axe reads the first four of what is built alike, and each thing that is built otherwise, wherever it stands."""

import pytest

from tests.browser import axe, browser  # noqa: F401

PAGE = """<!doctype html><html lang="en"><head><title>A list</title><style>
body {{ background: #fff; color: #000 }} .pale {{ color: #eee }} </style></head>
<body><main><h1>People</h1><ul>{rows}</ul></main></body></html>"""
PLAIN = '<li class="row"><a href="/{n}">Name {n}</a> <span class="chip">chip</span></li>'


@pytest.fixture
def page(browser):  # noqa: F811
    context = browser.new_context()
    yield context.new_page()
    context.close()


def rows(*, twentieth: str) -> str:
    return PAGE.format(rows="".join(twentieth if n == 20 else PLAIN.format(n=n) for n in range(1, 41)))


def test_rows_built_alike_are_read_four_times(page):
    page.set_content(rows(twentieth=PLAIN.format(n=20)))
    axe(page)
    assert page.locator("li:not([data-alike])").count() == 4


@pytest.mark.parametrize(
    ("twentieth", "rule"),
    [
        ('<li class="row"><a href="/20">Name</a> <span class="chip pale">chip</span></li>', "color-contrast"),
        ('<li class="row"><a href="/20"></a> <span class="chip">chip</span></li>', "link-name"),
        ('<li class="row"><a href="/20">Name</a> <span class="chip" role="checkbox">chip</span></li>', "aria-"),
        ('<li class="row"><a href="/20">Name</a> <span class="chip"><img src="x.png"></span></li>', "image-alt"),
        ('<li class="row"><a href="/20">Name</a> <input type="text"></li>', "label"),
    ],
)
def test_a_row_that_differs_is_read_wherever_it_stands(page, twentieth, rule):
    page.set_content(rows(twentieth=twentieth))
    with pytest.raises(AssertionError, match=rule):
        axe(page)


def test_what_was_alike_is_read_once_the_others_are_gone(page):
    page.set_content(rows(twentieth=PLAIN.format(n=20)))
    axe(page)
    page.evaluate("document.querySelectorAll('li:not([data-alike])').forEach(row => row.remove())")
    page.add_style_tag(content=".chip { color: #eee }")
    with pytest.raises(AssertionError, match="color-contrast"):
        axe(page)
