"""What people ask about initializers: each question with its answer, a reference, and an experiment that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from initterm.experiments.guide.question import Question, asked_for
from initterm.experiments.guide.question import signal as _signal
from initterm.experiments.guide.question import training as _train
from initterm.experiments.guide.sweeps import TRAINABLE_DEPTH, WHO_WINS
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.experiment import Experiment
from initterm.theory.activations import GLOROT, HE, KLAMBAUER
from initterm.theory.propagation import Chain

SCHOENHOLZ = "Schoenholz et al. 2017, Deep Information Propagation, arXiv:1611.01232"
KERAS_FANS = "keras.initializers.VarianceScaling and compute_fans, Keras 3.15 source"

PLAIN = _train("he_normal", "glorot_uniform", "random_normal", hidden="64*10")
SGD = _train("he_normal", "glorot_uniform", "random_normal", hidden="64*10", optimizer="sgd", learning_rate=0.01)
DEEP = _train("he_normal", "random_normal", hidden="64*30")


def questions_matching(query: str) -> Sequence[Question]:
    """The questions that match the query, in their order; all of them for an empty query."""
    return [question for question in QUESTIONS if question.matches(query)]


def measured_experiments() -> Iterator[Experiment | SignalExperiment]:
    """Each experiment that a figure in an answer is measured by, once."""
    named = (experiment for question in QUESTIONS for experiment in question.measured.values())
    return iter(dict.fromkeys(map(asked_for, named)))


QUESTIONS: tuple[Question, ...] = (
    Question(
        "Which initializer for the output layer?",
        "Usually glorot_uniform, Keras's default, which matches softmax or sigmoid outputs. He's factor of 2 makes up "
        "for a ReLU, and there is none after the output layer. The choice matters little where classes are few: from "
        "64 units to 10 the std is 0.93 of He's. Train's output layer always has the default.",
        GLOROT,
    ),
    Question(
        "Which initializer with batch normalization?",
        "Batch normalization rescales every layer's input, which weakens the effect of initialization: over ten seeds "
        "the three of this experiment can't be told apart. Ten ReLU layers of 64 with it reach a test accuracy of "
        "{own.mean[0]} with he_normal, {own.mean[1]} with glorot_uniform and {own.mean[2]} even with random_normal. "
        "Without it random_normal reaches {plain.mean[2]}.",
        "Ioffe & Szegedy 2015, Batch Normalization, arXiv:1502.03167",
        _train("he_normal", "glorot_uniform", "random_normal", hidden="64*10", batch_norm=True),
        {"plain": PLAIN},
    ),
    Question(
        "Which initializer for residual networks?",
        "he_normal, or he_uniform, for the layers inside the blocks, as in ResNet, where batch normalization follows "
        "each convolution. Without normalization each sum at least doubles the mean square of a ReLU network under "
        "He: 20 sums make the signal more than 1,000 times as large. Then scale the blocks down by the number of sums: "
        "over ten seeds twenty layers of 64 reach a test accuracy of {own.mean[0]} with he_normal, {own.mean[1]} with "
        "glorot_uniform and {own.mean[2]} with a variance of 2/(20·fan_in).",
        "He et al. 2016, Deep Residual Learning, arXiv:1512.03385; De & Smith 2020, arXiv:2002.10444",
        _train("he_normal", "glorot_uniform", "variance_scaling(scale=0.1)", hidden="64*20", residual=True),
    ),
    Question(
        "What do self-normalizing networks need?",
        "SELU, lecun_normal and AlphaDropout (not Dropout) go together: the theory needs all three. SELU's constants "
        "make mean 0 and variance 1 a fixed point for weights of variance 1/fan_in, and AlphaDropout keeps both. "
        "Over ten seeds, with ten layers of 64 and a rate of 0.1, lecun_normal reaches a test accuracy of "
        "{own.mean[0]}, he_normal {own.mean[1]}.",
        KLAMBAUER,
        _train("lecun_normal@selu", "he_normal@selu", hidden="64*10", dropout=0.1),
    ),
    Question(
        "Which initializer is the default, really?",
        "In Keras, Dense and Conv layers have glorot_uniform and biases of zero. In PyTorch, Linear and Conv layers "
        "have kaiming_uniform_(a=√5), which is U(±1/√fan_in) for kernels and biases: in spite of the name its std is "
        "2.45 times less than He's. In Flax, Dense and Conv have lecun_normal and biases of zero. Over ten seeds ten "
        "ReLU layers of 64 under Adam reach a test accuracy of {own.mean[0]} with Keras's kernels, {own.mean[1]} with "
        "PyTorch's, {own.mean[2]} with Flax's and {own.mean[3]} with he_normal; under SGD glorot_uniform comes to "
        "{sgd.mean[1]} and he_normal to {sgd.mean[0]}. So for a deep ReLU network say kernel_initializer='he_normal'.",
        "keras.layers.Dense; torch.nn.Linear.reset_parameters; flax.linen.linear.default_kernel_init",
        _train(
            "glorot_uniform",
            "variance_scaling(scale=0.333333, distribution='uniform')",
            "lecun_normal",
            "he_normal",
            hidden="64*10",
        ),
        {"sgd": SGD},
    ),
    Question(
        "Which initializer wins where?",
        "None wins everywhere: it depends on the activation, and the more the deeper the network. Variances multiply "
        "from layer to layer: he_normal keeps that of ReLU layers, of which lecun_normal leaves half in each, and "
        "lecun_normal keeps that of SELU. The sweep compares four initializers, four activations and four depths, over "
        "five seeds; where no real difference is shown, + gives these cells more seeds.",
        HE,
        sweep=WHO_WINS,
    ),
    Question(
        "Why is my loss stuck at 2.303?",
        "2.303 is ln 10: the network gives each of ten classes the same probability, whatever it sees. Either no "
        "gradient arrives (weights too small for the depth, all ReLUs dead), or all units of a layer are the same "
        "(zeros, which no gradient can tell apart). random_normal has a std of 0.05 at any width: in ReLU layers of 64 "
        "it leaves 0.08 of the variance a layer. With 30 of them the loss stays at {own.loss[1]}, a mean of ten seeds, "
        "where he_normal comes to {own.loss[0]}.",
        HE,
        DEEP,
    ),
    Question(
        "Why do two layers have identical weights?",
        "They share one initializer instance, or have the same integer seed. A Keras 3 initializer keeps its seed, "
        "also one it chose itself, so that each call draws the same numbers for the same shape. Write the name "
        "('he_normal') or make an instance for each layer; or give it seed=keras.random.SeedGenerator(42), which moves "
        "on with every call.",
        "keras.initializers.RandomInitializer and keras.random.SeedGenerator, Keras 3 source",
    ),
    Question(
        "Why does re-initializing do nothing?",
        "Because layer.kernel.assign(layer.kernel_initializer(shape)) draws the numbers that are there already: in "
        "Keras 3 an initializer keeps its seed, also one it chose itself. The same holds for an instance that was made "
        "at import, as a default argument or in a dictionary: every model that is built with it begins alike, whatever "
        "set_random_seed says later. Build the model anew with names ('he_normal') or with instances made in the "
        "function; to draw into a model that is there use initializer.clone(), which chooses another seed where none "
        "is written down. initterm audit module:function builds twice and names what stayed the same.",
        "keras.initializers.RandomInitializer and Initializer.clone, Keras 3 source; deepxde issue #2086",
    ),
    Question(
        "Are normal initializers truncated or not?",
        "In Keras he_normal, glorot_normal and lecun_normal are: cut at ±2 of an inner std that is divided by 0.8796, "
        "so that the std comes out right. TruncatedNormal(stddev=s) isn't corrected, its real std is 0.8796·s: after "
        "30 layers of ReLU only 0.02 of the signal is left. PyTorch's kaiming_normal_ and xavier_normal_ aren't "
        "truncated. For a plain normal in Keras use VarianceScaling with distribution='untruncated_normal'.",
        KERAS_FANS,
        _signal("he_normal", "truncated_normal(stddev=0.0883883)", chain=Chain((256,) * 30)),
    ),
    Question(
        "What are the fans of a convolution?",
        "fan_in is the kernel's area times input channels, fan_out its area times output channels: a 3×3 Conv2D from "
        "64 to 128 channels has 576 and 1,152. fan_in is how many products are added up for one output. Strides and "
        "padding don't count. With groups the kernel holds the channels of one group, so that fan_in is right too.",
        KERAS_FANS,
    ),
    Question(
        "What are the fans of a depthwise convolution?",
        "Each output adds up the kernel's area only, 9 products for 3×3. Keras 3.15 counts the channels into fan_in: "
        "with 64 channels it takes 576 for 9, and he_normal is 8 times too small (0.125). Batch normalization after it "
        "hides that. The fix since 3.15 is depthwise_initializer=VarianceScaling(2.0, input_axes=(0, 1), "
        "output_axes=(0, 1, 3)).",
        "keras.layers.DepthwiseConv2D and compute_fans, Keras 3.15 source; keras issue #11773",
    ),
    Question(
        "What are the fans of a transposed convolution?",
        "Its kernel holds (height, width, out, in), and Keras takes the last two for (in, out): the fans are swapped. "
        "From 64 to 16 channels he_normal is then 2 times too large; glorot doesn't mind. The fix is "
        "VarianceScaling(2.0, mode='fan_out'). With strides of 2 an output adds up a quarter as many products on "
        "average, which in this example makes up for it.",
        "keras.layers.Conv2DTranspose and compute_fans, Keras 3.15 source",
    ),
    Question(
        "Is attention initialized right?",
        "Since Keras 3.15 it is: MultiHeadAttention's query, key and value have glorot_uniform over (inputs, heads × "
        "size of a head). Before, their kernel (512, 8, 64) was taken for that of a convolution: for 8 heads of 64 on "
        "512 inputs 3.14 drew them 6 times too small. One instance passed to it is copied for each of them, so that "
        "they differ; with an integer seed they start as equals.",
        "keras.layers.MultiHeadAttention, Keras 3.14 and 3.15 source",
    ),
    Question(
        "Why 1/√(2L) in transformers such as GPT-2?",
        "Each of L blocks adds two branches to the residual stream, attention and MLP, so that its variance would grow "
        "with their number: with 12 blocks from 1 to 25 if each branch gives 1. GPT-2 scales the weights that end a "
        "branch by 1/√N for N sums, which keeps it near 2 however deep. It counts on a layer norm before each branch, "
        "as growth is exponential without one: linear branches under lecun_normal multiply the std by 4,096 over 24 "
        "sums, scaled ones by 1.6.",
        "Radford et al. 2019, Language Models are Unsupervised Multitask Learners, OpenAI",
        _signal("lecun_normal", "variance_scaling(scale=0.0416667)", chain=Chain((256,) * 24, "linear", residual=True)),
    ),
    Question(
        "What is a dying ReLU?",
        "A ReLU that is 0 for every input: no gradient passes it, and its own weights stay as they are. Narrow and "
        "deep networks are born dead: with symmetric weights and no biases a layer of n is 0 for a given input with "
        "probability 2⁻ⁿ. With 20 layers of 3 that comes to 0.93; here {own.died[0]}. Wider layers, Leaky "
        "ReLU or residual sums help, another scale of the weights doesn't.",
        "Lu et al. 2019, Dying ReLU and Initialization, arXiv:1903.06733",
        _signal("he_normal", chain=Chain((3,) * 20), seeds=20),
    ),
    Question(
        "Does it matter with BatchNorm?",
        "Not for the signal: each layer divides the scale of its weights out again. But gradients still grow by "
        "π/(π−1) = 1.47 in variance a ReLU layer, whatever the initializer: about 260-fold in std over 30 layers. "
        "Residual sums bring that down to about 5-fold, a better initializer can't.",
        "Yang et al. 2019, A Mean Field Theory of Batch Normalization, arXiv:1902.08129",
        _signal("he_normal", "random_normal", chain=Chain((256,) * 30, batch_norm=True)),
    ),
    Question(
        "Does it matter with Adam?",
        "Less than with SGD: Adam divides each gradient by its own size, so that small ones count as much as large "
        "ones while they are well over its epsilon of 1e-7. Over ten seeds ten ReLU layers of 64 reach a test accuracy "
        "of {own.mean[0]} with he_normal, {own.mean[1]} with glorot_uniform and {own.mean[2]} with random_normal. It "
        "can't bring back a signal that is gone: with 30 layers random_normal stays at {deep.mean[1]}, no better than "
        "one class for all.",
        "Kingma & Ba 2015, Adam, arXiv:1412.6980",
        PLAIN,
        {"deep": DEEP},
    ),
    Question(
        "Does it matter with plain SGD?",
        "Very much, as a step is as small as its gradient. Over ten seeds ten ReLU layers of 64 with a learning rate "
        "of 0.01 reach a test accuracy of {own.mean[0]} with he_normal, {own.mean[1]} with glorot_uniform and "
        "{own.mean[2]} with random_normal. With Adam the first two reach {plain.mean[0]} and {plain.mean[1]}.",
        HE,
        SGD,
        {"plain": PLAIN},
    ),
    Question(
        "Uniform or normal?",
        "It hardly matters: he_uniform and he_normal have the same variance, 2/fan_in, and in wide layers only the "
        "variance counts. The largest weight is 1.73 std for uniform, 2.27 for Keras's truncated normal. What is left "
        "between their curves is random: compare several seeds.",
        HE,
        _signal("he_normal", "he_uniform", chain=Chain((256,) * 30), seeds=3),
    ),
    Question(
        "Orthogonal: when?",
        "In deep linear, tanh and recurrent networks: an orthogonal kernel stretches no direction, where a product of "
        "random ones stretches some and loses others. Over 50 linear layers of 128 its singular values all stay at 1, "
        "those of lecun_normal spread over many powers of ten. In deep linear networks it makes learning time "
        "independent of depth. ReLU networks gain less, as ReLUs lose directions themselves.",
        "Saxe et al. 2014, arXiv:1312.6120; Pennington et al. 2017, arXiv:1711.04735",
        _signal("orthogonal", "lecun_normal", chain=Chain((128,) * 50, "linear"), jacobian=True),
    ),
    Question(
        "fan_in or fan_out?",
        "fan_in keeps the signal's variance, fan_out the gradient's, and either suffices: the other one changes by the "
        "ratio of the first width to the last, no matter how many layers lie between. From 256 to 64 units that is 4 "
        "in variance, 2 in std. At equal widths they are the same. Over ten seeds the notebook's three layers reach a "
        "test accuracy of {own.mean[0]} with fan_in and {own.mean[1]} with fan_out.",
        HE,
        _train("he_normal", "variance_scaling(scale=2.0, mode='fan_out')"),
    ),
    Question(
        "How deep can a plain tanh network be?",
        "As deep as you like near the critical line, where gradients neither vanish nor explode: with biases of "
        "variance σ_b² = 0.05 it is at weights of variance 1.76/fan_in. There the gradient's variance changes by a "
        "factor of e in thousands of layers. With glorot_normal, 1/fan_in at equal widths, it does so in 3.6 layers, "
        "and 50 layers leave about a thousandth of the gradient's std.",
        SCHOENHOLZ,
        _signal("variance_scaling(scale=1.76)", "glorot_normal", chain=Chain((256,) * 50, "tanh", bias_std=0.2236)),
    ),
    Question(
        "How deep does a tanh network still train?",
        "As deep as what tells two inputs apart still arrives. Over ξ_c layers their correlation comes nearer to its "
        "fixed point by a factor of e, and networks much deeper than 6 ξ_c don't train. With biases of variance σ_b² = "
        "0.05 that is 22 layers where weights have variance 1/fan_in, any depth near 1.76/fan_in, and 42 layers at "
        "4/fan_in. The sweep trains 12 depths with 12 variances, s, and draws the line of 6 ξ_c through them.",
        SCHOENHOLZ,
        sweep=TRAINABLE_DEPTH,
    ),
    Question(
        "Why is He wrong for SELU?",
        "SELU is made for weights of variance 1/fan_in: there mean 0 and variance 1 are a stable fixed point. He's "
        "2/fan_in has none: the signal's variance grows by at least 1.10 a layer. Over 50 wide layers its std reaches "
        "34 instead of 1, and the gradient's grows about 150-fold instead of 5-fold.",
        KLAMBAUER,
        _signal("lecun_normal", "he_normal", chain=Chain((256,) * 50, "selu")),
    ),
    Question(
        "Should biases start at zero?",
        "Yes, as in Keras: random weights already make units differ. Random biases would add their variance to the "
        "signal at each layer, the same for every input. Exceptions: 1 for an LSTM's forget gate, and for a rare class "
        "the log odds of its share p, −ln((1−p)/p), which is −4.6 for 0.01.",
        f"{HE}; Lin et al. 2017, Focal Loss, arXiv:1708.02002",
        _signal("he_normal", chain=Chain((256,) * 30, bias_std=1.0)),
    ),
    Question(
        "How does Keras initialize an LSTM?",
        "Input kernel glorot_uniform, recurrent kernel orthogonal, biases 0 but for the forget gate, which starts at 1 "
        "so that memory is kept (unit_forget_bias=True). The four gates are one matrix, and Glorot counts all of them "
        "as fan_out: with as many inputs as units the kernel's std is 0.63 of that for a gate alone. The recurrent "
        "kernel is orthogonal as a whole, so that a gate's entries are half as large as if it stood alone.",
        "keras.layers.LSTM, Keras 3.15 source; Jozefowicz et al. 2015, ICML",
    ),
    Question(
        "How are embeddings initialized?",
        "In Keras by U(−0.05, 0.05), a std of 0.029 whatever the sizes. A lookup adds nothing up, so fans mean nothing "
        "here: glorot_uniform would give rows of 512 for 50,000 words a std of 0.0063, less with every word. "
        "Transformers often take a normal of std 0.02.",
        "keras.layers.Embedding: embeddings_initializer='uniform', Keras 3.15 source",
    ),
    Question(
        "Is one seed enough?",
        "No: over ten seeds the notebook's three layers reach test accuracies from {own.least[0]} to {own.most[0]} "
        "with he_normal and from {own.least[1]} to {own.most[1]} with glorot_uniform. Their means, {own.mean[0]} and "
        "{own.mean[1]}, differ by less than seeds do, and glorot_uniform is ahead in {own.best[1]}. "
        "Compare the same seeds and look at the differences, as Train does.",
        "Bouthillier et al. 2021, Accounting for Variance in Machine Learning Benchmarks, arXiv:2103.03098",
        _train("he_normal", "glorot_uniform", seeds=10),
    ),
)
