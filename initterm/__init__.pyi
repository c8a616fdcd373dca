"""The types of what ``__init__.py`` imports when it is asked for."""

from initterm.api.audit import Audit as Audit
from initterm.api.audit import FaultsFound as FaultsFound
from initterm.api.audit import audit as audit
from initterm.api.audit import prove as prove
from initterm.api.guide import Recommendation as Recommendation
from initterm.api.guide import gain as gain
from initterm.api.guide import recommend as recommend
from initterm.api.models import Reinitialized as Reinitialized
from initterm.api.models import lsuv as lsuv
from initterm.api.models import mend as mend
from initterm.api.models import reinitialize as reinitialize
from initterm.api.papers import papers as papers
from initterm.api.runs import runs as runs
from initterm.api.signal import Signals as Signals
from initterm.api.signal import signal as signal
from initterm.api.training import Training as Training
from initterm.api.training import compare as compare
from initterm.api.training import train as train
from initterm.api.watch import Watch as Watch
from initterm.api.weights import Sample as Sample
from initterm.api.weights import law as law
from initterm.api.weights import sample as sample
from initterm.theory.law import Law as Law
from initterm.theory.refusal import Refusal as Refusal

__version__: str
REPOSITORY: str
__all__: list[str]
