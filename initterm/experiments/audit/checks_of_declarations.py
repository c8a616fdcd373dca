"""Pages of the checks of what a layer declares."""

from __future__ import annotations

from initterm.experiments.audit.check_page import CheckPage, dense, repeated, sequential

OF_DECLARATIONS = (
    CheckPage(
        "fan_convention",
        "Keras counts fans otherwise than the layer sums",
        "An initializer that goes by fans, on a layer of which Keras counts others than one output really sums over: "
        "depthwise, separable, grouped and transposed convolutions. Half as much again is a warning, twice an error.",
        "The initializer's promise isn't kept: the signal's variance changes by the square of that at this layer.",
        sequential(
            "keras.Input((6, 6, 64))",
            "layers.DepthwiseConv2D(3, depthwise_initializer=drawn)",
            "layers.Flatten()",
            before='drawn = "he_normal"\n',
        ),
        '"he_normal"',
        "keras.initializers.VarianceScaling(128.0)",
        "Where a normalization follows at once, which makes up for the signal; it is a note there.",
        "He et al. 2015, arXiv:1502.01852, section 2.2, for what one output sums over",
    ),
    CheckPage(
        "unsuited",
        "The initializer doesn't suit the activation",
        "The standard deviation of a kernel beside that of the initializer which the guide has for the activation that "
        "follows, each with the real fans of this layer.",
        "A factor at each layer is a power of it through a chain: 0.7 at each of twenty layers leaves a thousandth of "
        "the signal, and of the gradient.",
        repeated('Dense(256, "relu", kernel_initializer=drawn)', 20, 256, '"glorot_uniform"'),
        '"glorot_uniform"',
        '"he_normal"',
        "In residual branches, beside normalizations and in shallow models, where the factor costs nothing.",
        "He et al. 2015, arXiv:1502.01852, equations 10 and 14",
    ),
    CheckPage(
        "selu_without_lecun",
        "SELU on weights whose variance isn't 1/fan_in",
        "Layers of SELU whose weights have a fan_in·σ² other than 1, by more than rounding.",
        "Mean 0 and variance 1 are SELU's fixed point for weights of variance 1/fan_in alone; with others it doesn't "
        "normalize itself.",
        dense('64, "selu", kernel_initializer="he_normal"'),
        '"he_normal"',
        '"lecun_normal"',
        "Where a normalization stands beside it; but then another activation would do as well.",
        "Klambauer et al. 2017, arXiv:1706.02515",
    ),
)
