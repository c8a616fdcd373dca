"""The one error a person may see: a sentence that says what was wrong and what would be right."""


class Refusal(ValueError):
    """Something can't be used as asked; ``str()`` is a sentence for the person who asked."""
