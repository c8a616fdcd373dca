"""Pages of the checks of a whole model: twins among its tensors, its dropout, its loss and its signal."""

from __future__ import annotations

from initterm.experiments.audit.check_page import HEAD, IMPORTS, CheckPage, dense, repeated, sequential

FUNCTIONAL = (
    f"{IMPORTS}x = inputs = keras.Input((64,))\n"
    "for _ in range(12):\n"
    '    branch = layers.Dense(64, "relu", kernel_initializer="he_normal")(x)\n'
    '    branch = layers.Dense(64, kernel_initializer="lecun_normal")(branch)\n'
    "    x = layers.Add()([x, branch])\n"
    f"model = keras.Model(inputs, {HEAD}(x))"
)

ATTENTIVE = (
    f"{IMPORTS}drawn = keras.initializers.RandomNormal(0, 1)\n"
    "x = inputs = keras.Input((16, 64))\n"
    "x = layers.MultiHeadAttention(4, 16, kernel_initializer=drawn)(x, x)\n"
    "x = layers.GlobalAveragePooling1D()(x)\n"
    f"model = keras.Model(inputs, {HEAD}(x))"
)

OF_CODE = (
    f"{IMPORTS}\nclass Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
    "        self.hidden = layers.Dense(64)\n"
    f"        self.head = {HEAD}\n\n    def call(self, x):\n        return self.head(x)\n\n\n"
    "model = Net()\nmodel(keras.ops.zeros((1, 64)))"
)

OF_MODELS = (
    CheckPage(
        "identical",
        "Two kernels are the same draw",
        "Kernels whose first weights are the same, but for a factor: one initializer instance, or one seed, that is "
        "used for several layers.",
        "An initializer with one seed, given or not, draws the same numbers each time. The layers begin alike, and "
        "where they stand side by side, as heads of attention do, they learn alike.",
        dense(
            *2 * ('64, "relu", kernel_initializer=same',),
            before="same = keras.initializers.HeNormal(seed=1)\n",
        ),
        "keras.initializers.HeNormal(seed=1)",
        '"he_normal"',
        "Where two parts are to begin alike, such as a network and its moving average.",
    ),
    CheckPage(
        "selu_dropout",
        "Dropout after SELU",
        "A Dropout layer that takes what a SELU puts out.",
        "It sets outputs to 0, where SELU's own lower end is -1.76: mean and variance leave the fixed point.",
        sequential(
            "keras.Input((64,))",
            'layers.Dense(64, "selu", kernel_initializer="lecun_normal")',
            "layers.Dropout(0.1)",
        ),
        "Dropout(0.1)",
        "AlphaDropout(0.1)",
        "Where a normalization follows.",
        "Klambauer et al. 2017, arXiv:1706.02515, section 3",
    ),
    CheckPage(
        "loss_at_start",
        "The loss at the start is far over that of equal probabilities",
        "The cross-entropy of the output layer against random labels, beside ln(classes), that of equal probabilities.",
        "The output is sure of itself before it learned anything: the first steps go into making it unsure again, and "
        "their gradients are too large.",
        sequential(
            "keras.Input((256,))",
            then="head = model.layers[-1]\nhead.kernel.assign(20 * head.kernel)",
        ),
        "20 * ",
        "",
        "Where the output layer holds knowledge, such as one that was trained before.",
    ),
    CheckPage(
        "signal_vanishes",
        "The signal vanishes",
        "The standard deviation of what layers put out, layer after layer, beside what came in; told where it falls "
        "under a hundredth for good, as an error under a ten thousandth.",
        "What is lost in size is lost in float32's rounding and in gradients: the layers beyond learn nothing.",
        repeated('Dense(256, "relu", kernel_initializer=drawn)', 12, 256, "keras.initializers.RandomNormal(0, 0.02)"),
        "keras.initializers.RandomNormal(0, 0.02)",
        '"he_normal"',
        "Where a normalization brings it back before anything is learned from it.",
        "Glorot & Bengio 2010; He et al. 2015, arXiv:1502.01852",
    ),
    CheckPage(
        "signal_explodes",
        "The signal explodes",
        "The standard deviation of what layers put out, layer after layer, beside what came in; told where it grows a "
        "hundredfold for good, as an error from ten thousand times on.",
        "Large numbers saturate what comes after, overflow in half precision, and make steps too large.",
        repeated('Dense(256, "relu", kernel_initializer=drawn)', 12, 256, "keras.initializers.RandomNormal(0, 0.5)"),
        "keras.initializers.RandomNormal(0, 0.5)",
        '"he_normal"',
        "Where a normalization follows before anything is learned from it.",
        "Glorot & Bengio 2010; He et al. 2015, arXiv:1502.01852",
    ),
    CheckPage(
        "gradient_vanishes",
        "The gradient vanishes",
        "The standard deviation of the gradient at each layer, on its way back from the output; told where it falls "
        "under a ten thousandth for good.",
        "The layers near the input learn that many times more slowly, and by stochastic gradient descent not at all.",
        repeated('Dense(64, activation="sigmoid")', 12, 64),
        '"sigmoid"',
        '"tanh"',
        "With optimizers that go by a gradient's direction alone, as long as float32 can still tell it.",
        "Hochreiter 1991; Glorot & Bengio 2010",
    ),
    CheckPage(
        "gradient_explodes",
        "The gradient explodes",
        "The standard deviation of the gradient at each layer, on its way back from the output; told where it grows "
        "ten thousandfold for good.",
        "Steps of the first layers are too large by as much, and where gradients are clipped the others learn nothing.",
        repeated('Dense(256, "tanh", kernel_initializer=drawn)', 20, 256, "keras.initializers.RandomNormal(0, 0.5)"),
        "keras.initializers.RandomNormal(0, 0.5)",
        '"glorot_uniform"',
        "Where training begins with a warm-up that is known to cope.",
        "Poole et al. 2016, arXiv:1606.05340; Schoenholz et al. 2017, arXiv:1611.01232",
    ),
    CheckPage(
        "residual_growth",
        "The residual stream grows by a factor a block",
        "The standard deviation after each residual sum, of six or more; told where the later ones grow by a quarter "
        "or more a block.",
        "A factor a block is exponential in the depth: the last blocks drown those of the first.",
        FUNCTIONAL,
        '"lecun_normal"',
        '"zeros"',
        "Where a normalization stands in the stream itself, not only in the branches.",
        "Zhang et al. 2019, Fixup, arXiv:1901.09321",
    ),
    CheckPage(
        "dead_units",
        "Most units never vary",
        "The share of a layer's units that give the same for every input sent through; told from three in four on.",
        "Such a unit passes on nothing of its input, and where its slope is 0 it never learns.",
        dense(
            '64, "relu", bias_initializer=bias',
            before="bias = keras.initializers.Constant(-10.0)\n",
        ),
        "keras.initializers.Constant(-10.0)",
        '"zeros"',
        "Where the inputs that were sent aren't those that the layer is for; --data takes real ones.",
        "Lu et al. 2019, arXiv:1903.06733",
    ),
    CheckPage(
        "attention_logits",
        "Attention begins by picking single keys",
        "Kernels of queries and keys so large that, for inputs of variance 1, the logits of attention have a std over "
        "5, an error from 20 on.",
        "A softmax that is sure of itself puts all its weight on one key, whichever it is, and passes on next to no "
        "gradient to queries and keys.",
        ATTENTIVE,
        "keras.initializers.RandomNormal(0, 1)",
        '"glorot_uniform"',
        "Where queries and keys are normalized before they are multiplied.",
        "Vaswani et al. 2017, arXiv:1706.03762, section 3.2.1",
    ),
    CheckPage(
        "unknown_activation",
        "A function follows that the guide doesn't know",
        "What is applied to a layer's output as the model runs, by its values beside those of the catalogue. Always a "
        "note.",
        "Which initializer suits it isn't known then, so that these layers aren't judged by what follows them.",
        dense("64, wave", before="wave = lambda x: keras.ops.sin(3 * x)\n"),
        "lambda x: keras.ops.sin(3 * x)",
        '"relu"',
        "Always; the Guide tells the gain of any formula that is typed there.",
    ),
    CheckPage(
        "not_used",
        "A layer that the model's call doesn't use",
        "Layers that have weights once they are built, and aren't built though a signal went through the model. Always "
        "a note.",
        "It looks like a part of the model and learns nothing; often its call was forgotten.",
        OF_CODE,
        "self.head(x)",
        "self.head(self.hidden(x))",
        "Where training or prediction alone calls it, as it does an augmentation.",
    ),
)
