"""What a kernel of equal weights is for, where that is meant: it begins something that learns from there."""

from __future__ import annotations

import numpy as np

from initterm.engine.audit.audited_tensor import AuditedTensor
from initterm.engine.runtime import keras


def meaning_of_zeros(audited: AuditedTensor) -> str:
    """What a kernel of zeros does at first; empty where nothing says that it is meant."""
    around = audited.around
    if "lora" in audited.told.path.lower():
        return "The adaptation begins at nothing, so that the layer begins as what it adapts."
    if around.is_branch:
        return "What is added to the signal begins at nothing, so that the block begins as the identity."
    if audited.told.declared != "zeros":
        return ""
    if _begins_as_its_bias(audited):
        return "The layer begins by putting out its bias, whatever comes in, and learns from there."
    if around.is_gate:
        return "The gate begins as its bias has it, for every input."
    if around.is_output:
        return "The model begins with the same output for every input, and its last layer learns first."
    if audited.told.role == "embedding":
        return "All rows begin at nothing, and learn from the first step."
    if not around.is_known:
        return (
            "It begins at nothing, and as long as it does nothing comes through; what its layer does then isn't known."
        )
    return ""


def _begins_as_its_bias(audited: AuditedTensor) -> bool:
    """Whether a bias of several values stands beside a kernel, which the layer then puts out at first."""
    bias: object = getattr(audited.tensor.owner, "bias", None)
    if not isinstance(bias, keras.Variable):
        return False
    return len(np.unique(np.asarray(bias.value))) > 1


def meaning_of_equal(audited: AuditedTensor) -> str:
    """What a kernel of one value does where it makes no two units alike; empty where it does."""
    if audited.told.role == "depthwise":
        return "Each channel begins as the sum of its own field, so that no two compute the same."
    if audited.told.shape[-1] == 1:
        return "The one unit begins as the sum of its inputs."
    return ""
