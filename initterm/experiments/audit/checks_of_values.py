"""Pages of the checks of what a tensor's numbers are."""

from __future__ import annotations

from initterm.experiments.audit.check_page import CheckPage, dense, sequential

HIDDEN = '64, "relu", kernel_initializer="he_normal"'
GET = "hidden = model.layers[0]\n"

OF_VALUES = (
    CheckPage(
        "not_finite",
        "Weights are NaN or infinite",
        "Any number in any tensor that is NaN or infinite, trained or not.",
        "One such number makes every output that it reaches NaN, then the loss, and after one step of training every "
        "weight.",
        dense(
            '64, "relu", kernel_initializer=scaled',
            before="\ndef scaled(shape, dtype=None):\n    drawn = keras.random.normal(shape, dtype=dtype)\n"
            "    return 0.177 * drawn / keras.ops.std(drawn[0, 0])\n\n\n",
        ),
        "keras.ops.std(drawn[0, 0])",
        "keras.ops.std(drawn)",
        "Never.",
    ),
    CheckPage(
        "all_zero",
        "All weights of a kernel are 0",
        "A kernel, recurrent kernel or table whose weights are all 0. One that ends a residual branch, or that stands "
        "beside a bias which carries the first answer, is meant so and isn't told as an error.",
        "Nothing passes such a layer, forward or back: what comes before it gets no gradient, and it begins to learn "
        "only where its own inputs differ.",
        dense('64, "relu", kernel_initializer="zeros"'),
        '"zeros"',
        '"he_normal"',
        "Where a layer is to begin as nothing: the last one of a residual branch (Fixup, ReZero), LoRA's second matrix,"
        " the output of a diffusion model, a head whose bias is the answer to begin with.",
        "Zhang et al. 2019, Fixup, arXiv:1901.09321",
    ),
    CheckPage(
        "all_equal",
        "All weights of a kernel are equal",
        "A kernel, recurrent kernel or table that holds one number throughout, other than 0.",
        "All units of the layer compute the same, get the same gradient, and stay the same for good: the layer has one "
        "unit.",
        dense('64, "relu", kernel_initializer="ones"'),
        '"ones"',
        '"he_normal"',
        "Where the weights are fixed on purpose, such as those of an averaging layer that isn't trained.",
        "Rumelhart, Hinton & Williams 1986, symmetry breaking",
    ),
    CheckPage(
        "outliers",
        "Weights lie far outside their law",
        "Up to one in a hundred weights of a kernel, at one and a half times the end of the declared law or farther; "
        "without a declared law, at 20 standard deviations.",
        "One such weight outshouts all others of its unit, and its gradient does the same.",
        dense(
            HIDDEN, then=f"{GET}weights = hidden.kernel.numpy()\nweights[0, 0] = 30.0\nhidden.kernel.assign(weights)"
        ),
        "weights[0, 0] = 30.0\n",
        "",
        "In trained weights: large language models grow a few such weights that they need.",
    ),
    CheckPage(
        "off_law",
        "Weights aren't what their initializer draws",
        "The distribution of a tensor's weights, or its orthogonality, tested against what the layer declares, with "
        "the fans that Keras counts. All tensors' tests together raise a false alarm in one of a million sound models.",
        "Something scaled, replaced or loaded over the weights, or drew them by another law than is written down: who "
        "reads the code, or builds the model anew, gets another model.",
        dense(
            '64, "relu", kernel_initializer=drawn',
            before='drawn = "glorot_uniform"\n',
            then=f"{GET}hidden.kernel.assign(keras.random.normal((64, 64), stddev=0.177))",
        ),
        '"glorot_uniform"',
        "keras.initializers.RandomNormal(0, 0.177)",
        "Where weights are loaded on purpose, such as word vectors; build it without them, or ignore the tensor.",
    ),
    CheckPage(
        "dependent",
        "Weights aren't independent of each other",
        "Weights whose distribution is the declared one, but which aren't independent draws of it: rows copied or "
        "negated, sorted, one sign a unit, a few set to 0.",
        "Units that begin alike stay alike for long; sorted or shaped weights carry less than their number says.",
        dense(HIDDEN, then=f"{GET}hidden.kernel.assign(keras.ops.sort(hidden.kernel, axis=0))"),
        "hidden.kernel.assign(keras.ops.sort(hidden.kernel, axis=0))",
        "",
        "Where the structure is the point, such as mirrored filters (CReLU) or tied halves.",
    ),
    CheckPage(
        "rounded",
        "Weights are on a coarser grid than their type",
        "Weights that all lie on the grid of a smaller type than they are kept in, and follow the declared law up to "
        "rounding to it.",
        "They were saved, cast or quantized in the smaller type; what that rounded away isn't drawn any more.",
        dense(HIDDEN, then=f'{GET}hidden.kernel.assign(keras.ops.cast(hidden.kernel, "float16"))'),
        'hidden.kernel.assign(keras.ops.cast(hidden.kernel, "float16"))',
        "",
        "Where the smaller type is wanted and only the container is larger.",
    ),
    CheckPage(
        "forget_bias",
        "An LSTM's forget gate begins half shut",
        "An LSTM cell whose forget gate has a mean bias under 0.5; Keras's own is 1.",
        "With a bias of 0 the gate keeps half of the state a step, so that after ten steps a thousandth is left, of "
        "the state and of the gradient back.",
        sequential("keras.Input((9, 8))", "layers.LSTM(24, unit_forget_bias=False)"),
        "unit_forget_bias=False",
        "unit_forget_bias=True",
        "Where only the last few steps matter.",
        "Jozefowicz et al. 2015; Gers et al. 2000",
    ),
)
