"""Pages of the checks of what a layer declares."""

from __future__ import annotations

from initterm.experiments.audit.check_page import HEAD, IMPORTS, CheckPage, dense, repeated, sequential

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
    CheckPage(
        "bias_fan",
        "A bias goes by its own units instead of the kernel's fans",
        "A bias with an initializer that goes by fans, which Keras takes from the bias's own shape: its number of "
        "units instead of what each of them sums over. Told where the std is wrong by half or more.",
        "What is drawn for a bias by fans is meant to be as large as one weight's share (LeCun's own uniform, "
        "PyTorch's default); by the number of units it is something else, which grows as the layer gets narrow.",
        dense('512, "tanh", bias_initializer=bias', before='bias = "lecun_uniform"\n'),
        '"lecun_uniform"',
        '"zeros"',
        "Where a normalization follows, which takes the bias away again.",
        "LeCun et al. 1998, Efficient BackProp, section 4.6",
    ),
    CheckPage(
        "recurrent_growth",
        "A recurrence is chaotic or grows",
        "How many times its size a recurrent kernel makes a state at each step, by its std and mean; of activations "
        "that saturate told from 2.5 on, of those that don't from 1.2 on.",
        "A factor a step is exponential in the length of a sequence: states grow or are thrown about, and gradients "
        "explode on their way back.",
        sequential(
            "keras.Input((10, 16))",
            "layers.SimpleRNN(64, recurrent_initializer=drawn)",
            before="drawn = keras.initializers.RandomNormal(0, 1)\n",
        ),
        "keras.initializers.RandomNormal(0, 1)",
        '"orthogonal"',
        "In a reservoir whose spectral radius is chosen on purpose and isn't trained.",
        "Pascanu et al. 2013, arXiv:1211.5063; Le et al. 2015, arXiv:1504.00941",
    ),
    CheckPage(
        "gate_orthogonality",
        "A gate of an orthogonal kernel isn't orthogonal",
        "A recurrent kernel that holds all gates of a cell side by side and is drawn orthogonal as a whole, which is "
        "Keras's default. Always a note.",
        "Rows of the whole are orthogonal, and no gate is: each makes a state smaller by the root of the number of "
        "gates, so that a long memory begins shorter than it might.",
        sequential(
            "keras.Input((10, 16))", "layers.GRU(64, recurrent_initializer=drawn)", before='drawn = "orthogonal"\n'
        ),
        'drawn = "orthogonal"\n',
        "\ndef drawn(shape, dtype=None):\n"
        "    orthogonal = keras.initializers.Orthogonal\n"
        "    gates = [orthogonal()((shape[0], shape[0]), dtype) for _ in range(3)]\n"
        "    return keras.ops.concatenate(gates, -1)\n\n\n",
        "Where sequences are short; most such models learn well as they are.",
        "Saxe et al. 2014, arXiv:1312.6120",
    ),
    CheckPage(
        "unusual_scale",
        "A normalization's gamma doesn't begin near 1",
        "A gamma that is declared to begin, in root mean square, under a half or over 2, or with a spread of half its "
        "mean. Zeros are meant so and aren't told.",
        "What was brought to a std of 1 leaves the layer with gamma's: that undoes what the normalization is for. "
        "Around 0 it nearly shuts most channels and turns half of them.",
        sequential(
            "keras.Input((64,))",
            "layers.Dense(64)",
            "layers.BatchNormalization(gamma_initializer=drawn)",
            'layers.Activation("relu")',
            before="drawn = keras.initializers.RandomNormal(0, 0.02)\n",
        ),
        "keras.initializers.RandomNormal(0, 0.02)",
        '"ones"',
        "At the end of a residual branch, where a small gamma makes the block begin near the identity.",
        "Ioffe & Szegedy 2015, arXiv:1502.03167",
    ),
    CheckPage(
        "unusual_shift",
        "A normalization's beta doesn't begin near 0",
        "A beta that is declared to begin, in root mean square, at a half or more; a warning where it is larger than "
        "the signal beside it.",
        "It shifts every input of a unit alike: activations saturate, or are always on or off.",
        sequential(
            "keras.Input((64,))",
            "layers.Dense(64)",
            "layers.BatchNormalization(beta_initializer=drawn)",
            'layers.Activation("relu")',
            before="drawn = keras.initializers.Constant(3.0)\n",
        ),
        "keras.initializers.Constant(3.0)",
        '"zeros"',
        "Where a gate is to begin open or shut.",
        "Ioffe & Szegedy 2015, arXiv:1502.03167",
    ),
    CheckPage(
        "frozen_seed",
        "Every model that is built begins alike",
        "Tensors that are drawn at random and yet the same when a function builds its model again: by an initializer "
        "that was made once, at import (a warning), by a seed that is written down, or because the function sets one "
        "(notes). Functions are called twice for that; a model of more than 400 tensors isn't.",
        "A Keras initializer keeps the seed that it was made with, also one that it chose itself. Runs that should "
        "differ by chance are alike, and what is told of their mean and spread is told of one draw.",
        f"{IMPORTS}drawn = keras.initializers.HeNormal()\n\n\ndef model():\n    return keras.Sequential(\n        [\n"
        "            keras.Input((64,)),\n"
        '            layers.Dense(64, "relu", kernel_initializer=drawn),\n'
        f"            {HEAD},\n        ]\n    )",
        "keras.initializers.HeNormal()",
        '"he_normal"',
        "Where one run is to be repeated exactly, and no other is compared with it.",
    ),
)
