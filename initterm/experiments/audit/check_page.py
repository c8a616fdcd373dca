"""What is told of a check, in one place: the command line, the pages in docs/ and code scanning are made from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckPage:
    """A check.

    Attributes:
        name: as a finding tells it.
        title: what is wrong where it finds something, in a few words.
        finds: what is looked at, and from where on it is told.
        why: what happens to a model that begins so.
        example: code that builds a ``model``, or a function of that name, in which the check finds something.
        fault: the part of the example that makes it so; it stands there once.
        mend: what stands in its place in a sound model; empty where it is left out.
        ignore: when the finding may stay as it is.
        source: where it is from, empty where nobody need be named.
    """

    name: str
    title: str
    finds: str
    why: str
    example: str
    fault: str
    mend: str
    ignore: str
    source: str = ""

    @property
    def mended(self) -> str:
        """The example without its fault."""
        return self.example.replace(self.fault, self.mend).rstrip()


IMPORTS = "import keras\nfrom keras import layers\n\n"
HEAD = 'layers.Dense(10, "softmax")'


def sequential(*parts: str, before: str = "", then: str = "") -> str:
    """Code of a model of these parts and a head; ``before`` stands before it, ``then`` after it."""
    listed = "".join(f"        {part},\n" for part in (*parts, HEAD))
    return f"{IMPORTS}{before}model = keras.Sequential(\n    [\n{listed}    ]\n)\n{then}".rstrip()


def dense(*hidden: str, before: str = "", then: str = "") -> str:
    """The same of Dense layers, told by their arguments."""
    layers = (f"layers.Dense({arguments})" for arguments in hidden)
    return sequential("keras.Input((64,))", *layers, before=before, then=then)


def repeated(layer: str, times: int, size: int, drawn: str = "") -> str:
    """Code of a model that has a hidden layer several times; ``drawn`` is what it calls an initializer of each."""
    each = f"    drawn = {drawn}\n" if drawn else ""
    return (
        f"{IMPORTS}model = keras.Sequential([keras.Input(({size},))])\n"
        f"for _ in range({times}):\n{each}    model.add(layers.{layer})\nmodel.add({HEAD})"
    )
