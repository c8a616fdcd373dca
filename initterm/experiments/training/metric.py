"""What trials are judged by, for those that train."""

from initterm.experiments.metric import ACCURACY as ACCURACY
from initterm.experiments.metric import Metric as Metric
