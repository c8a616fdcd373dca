"""Styles are of widgets that there are: a name that nothing has would style nothing, without a word."""

import importlib
import pkgutil

from textual.css.model import SelectorType
from textual.dom import DOMNode

from initterm import tui
from initterm.tui.catalogue import PANES, SCREENS


def names_of(node_class):
    yield node_class.__name__
    for one in node_class.__subclasses__():
        yield from names_of(one)


async def test_every_type_that_is_styled_is_a_widget(opened):
    for module in pkgutil.walk_packages(tui.__path__, "initterm.tui."):
        importlib.import_module(module.name)
    async with opened() as pilot:
        for row in (*PANES, *SCREENS):
            pilot.app.stylesheet.read(row.styles)
        rules = [rule for rule in pilot.app.stylesheet.rules if not rule.is_default_rules]
        selectors = [one for rule in rules for group in rule.selector_set for one in group.selectors]
        styled = {one.name for one in selectors if one.type is SelectorType.TYPE}
    assert len(styled) > 10
    assert styled - {*names_of(DOMNode)} == set()
