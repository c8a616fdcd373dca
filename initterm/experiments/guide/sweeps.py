"""The sweeps of the Guide's questions, as texts."""

TRAINABLE_DEPTH = (
    "initterm sweep 'variance_scaling(scale={s}, distribution='\"'\"'untruncated_normal'\"'\"')' --over depth=5:60:12 "
    "--over s=0.5:6:12 --hidden '64*5' --activation tanh --bias-std 0.223607 --optimizer sgd --learning-rate 0.01 "
    "--epochs 4 --samples 1400 --batch-size 16 --data digits --input standardized"
)
"""Figure 5 of Schoenholz et al. 2017 in small: a network is trained once in each of 144 cells."""

WHO_WINS = (
    "initterm sweep he_normal glorot_uniform lecun_normal orthogonal --over activation=relu,tanh,selu,gelu "
    "--over depth=2,5,10,20 --hidden 64,64 --seeds 5"
)
