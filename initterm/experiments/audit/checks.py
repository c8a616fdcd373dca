"""The checks of an audit, a page each: what is looked for, why, an example, what mends it, when it may stay."""

from __future__ import annotations

from initterm.experiments.audit.check_page import CheckPage
from initterm.experiments.audit.checks_of_declarations import OF_DECLARATIONS
from initterm.experiments.audit.checks_of_models import OF_MODELS
from initterm.experiments.audit.checks_of_values import OF_VALUES
from initterm.theory.refusal import name_of

CHECKS = {page.name: page for page in (*OF_VALUES, *OF_DECLARATIONS, *OF_MODELS)}
"""By the name that a finding has as its ``check``."""


def check_called(text: str) -> CheckPage:
    """The page of the check that a text names.

    Raises:
        Refusal: there is none of that name; it says which may have been meant.
    """
    return CHECKS[name_of(text, CHECKS, "check")]
