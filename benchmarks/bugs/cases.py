"""The public bugs, where each was reported and what an audit must say of it; and sound models that look like bugs."""

from __future__ import annotations

from benchmarks.bugs.public_bug import Lookalike, PublicBug

GITHUB = "https://github.com"
KERAS = f"{GITHUB}/keras-team/keras"
ATTENTION = f"{KERAS}/blob/v3.15.1/keras/src/layers/attention"

SAME = ("identical",)
FANS = ("fan_convention",)
FROZEN = ("frozen_seed",)
BIAS = ("bias_fan",)
GATES = ("gate_orthogonality",)
SCALES = ("unusual_scale",)
SIZES = ("unsuited", "signal_vanishes")
CENTRES = ("off_centre", "signal_explodes")


def _shared(name: str, origin: str, function: str, *tensors: str, also: tuple[str, ...] = ()) -> PublicBug:
    return PublicBug(name, origin, f"benchmarks.bugs.shared_draws:{function}", SAME, tensors, also=also)


def _seeded(name: str, origin: str, function: str, *tensors: str) -> PublicBug:
    return PublicBug(name, origin, f"benchmarks.bugs.frozen_seeds:{function}", SAME, tensors, also=FROZEN)


def _frozen(name: str, origin: str, function: str, also: tuple[str, ...] = ()) -> PublicBug:
    return PublicBug(name, origin, f"benchmarks.bugs.frozen_seeds:{function}", FROZEN, also=also)


def _fan(name: str, origin: str, function: str, tensor: str) -> PublicBug:
    return PublicBug(name, origin, f"benchmarks.bugs.fans:{function}", FANS, (tensor,))


def _gates(name: str, function: str, tensor: str) -> PublicBug:
    return PublicBug(name, f"{KERAS}/issues/9149", f"benchmarks.bugs.fans:{function}", GATES, (tensor,), "note")


def _of_law(
    name: str, origin: str, function: str, checks: tuple[str, ...], *tensors: str, also: tuple[str, ...] = ()
) -> PublicBug:
    return PublicBug(name, origin, f"benchmarks.bugs.laws:{function}", checks, tensors, also=also)


def _sound(name: str, origin: str, function: str) -> Lookalike:
    return Lookalike(name, origin, f"benchmarks.bugs.lookalikes:{function}")


BUGS = (
    _shared("keras-hub#352, encoder", f"{GITHUB}/keras-team/keras-hub/issues/352", "transformer_encoder",
            "encoder/output/kernel"),
    _shared("keras-hub#352, embedding", f"{GITHUB}/keras-team/keras-hub/issues/352", "token_and_position",
            "embedding/position_embedding/embeddings"),
    _shared("lczero-training#218", f"{GITHUB}/LeelaChessZero/lczero-training/issues/218", "lczero",
            "wo/kernel", "dense1/kernel", "dense2/kernel"),
    _shared("ktrain#510", f"{GITHUB}/amaiya/ktrain/issues/510", "bert",
            "attention/attention_Wk", "attention/attention_Wv", "attention/attention_Wo"),
    _shared("deel-lip#64", f"{GITHUB}/deel-ai/deel-lip/issues/64", "deel_lip",
            "spectral_1/kernel", "spectral_2/kernel", also=FROZEN),
    _shared("deel-lip#64, of several widths", f"{GITHUB}/deel-ai/deel-lip/issues/64", "deel_lip_of_widths",
            "spectral_1/kernel", "spectral_2/kernel", also=FROZEN),
    _seeded("deepxde#2086", f"{GITHUB}/lululxvi/deepxde/issues/2086", "deepxde",
            "dense_1/kernel", "dense_2/kernel", "last/kernel"),
    _frozen("deepxde#2086, at import", f"{GITHUB}/lululxvi/deepxde/issues/2086", "deepxde_at_import", also=SAME),
    _seeded("keras_cv_attention_models#114", f"{GITHUB}/leondgarse/keras_cv_attention_models/issues/114",
            "efficientnet", "stack_1_expand_conv/kernel", "stack_1_project_conv/kernel", "stack_2_expand_conv/kernel",
            "stack_2_project_conv/kernel", "post_conv/kernel"),
    _seeded("tensorflow#62577", f"{GITHUB}/tensorflow/tensorflow/issues/62577", "lecun",
            "dense_1/kernel", "dense_2/kernel"),
    _seeded("a seed in MultiHeadAttention", f"{ATTENTION}/multi_head_attention.py", "attention",
            "attention/key/kernel", "attention/value/kernel", "attention/attention_output/kernel"),
    _seeded("a seed in GroupedQueryAttention", f"{ATTENTION}/grouped_query_attention.py", "grouped_attention",
            "attention/key/kernel", "attention/value/kernel", "attention/attention_output/kernel"),
    _seeded("a seed in Bidirectional", f"{KERAS}/blob/v3.15.1/keras/src/layers/rnn/bidirectional.py", "both_ways",
            "both/backward_lstm/lstm_cell/kernel"),
    _frozen("osl-dynamics#72", f"{GITHUB}/OHBA-analysis/osl-dynamics/pull/72", "osl_dynamics"),
    _fan("keras#11773, depthwise", f"{KERAS}/issues/11773", "depthwise", "here/kernel"),
    _fan("keras#11773, separable", f"{KERAS}/issues/11773", "separable", "here/depthwise_kernel"),
    _fan("tensorflow#31192", f"{GITHUB}/tensorflow/tensorflow/issues/31192", "transposed", "here/kernel"),
    _gates("keras#9149, LSTM", "lstm", "here/lstm_cell/recurrent_kernel"),
    _gates("keras#9149, GRU", "gru", "here/gru_cell/recurrent_kernel"),
    PublicBug("keras#20873", f"{KERAS}/issues/20873", "benchmarks.bugs.fans:bias", BIAS, ("here/bias",)),
    _of_law("keras#1861", f"{KERAS}/pull/1861", "small_scales", SCALES, "bn_0/gamma", "bn_1/gamma", "bn_2/gamma",
            also=("signal_vanishes",)),
    _of_law("keras-hub#1237", f"{GITHUB}/keras-team/keras-hub/pull/1237", "table_by_fans", FANS,
            "embedding/token_embedding/embeddings"),
    _of_law("netket#241", f"{GITHUB}/netket/netket/issues/241", "one_seed", SAME, "hidden_1/kernel", "hidden_2/kernel"),
    _of_law("mlpack#3651", f"{GITHUB}/mlpack/mlpack/pull/3651", "variance_as_std", SIZES),
    _of_law("pyAIUtils#25", f"{GITHUB}/aiUIUC/pyAIUtils/issues/25", "mean_for_std", CENTRES,
            also=("unsuited", "loss_at_start")),
)  # fmt: skip

LOOKALIKES = (
    _sound("zero gamma", f"{GITHUB}/tensorpack/tensorpack/issues/420", "zero_gamma"),
    _sound("a target encoder", "https://arxiv.org/abs/2006.07733", "target_encoder"),
    _sound("a shared encoder", f"{GITHUB}/keras-team/keras-io/blob/master/examples/vision/siamese_network.py",
           "shared_encoder"),
    _sound("adaLN-Zero", f"{GITHUB}/facebookresearch/DiT/blob/main/models.py", "adaptive_norm_zero"),
    _sound("LoRA", f"{KERAS}/blob/v3.15.1/keras/src/layers/core/dense.py", "lora"),
    _sound("highway gates", "https://arxiv.org/abs/1505.00387", "highway"),
    _sound("PointNet's first transformation", f"{GITHUB}/keras-team/keras-io/blob/master/examples/vision/pointnet.py",
           "transformation_net"),
)  # fmt: skip
