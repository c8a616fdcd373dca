"""What TensorFlow's operations do to a signal, by their kinds."""

from __future__ import annotations

METADATA = frozenset({"Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike", "BroadcastGradientArgs"})
"""What only goes by the shape."""

SUMS = frozenset(
    {
        "MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum", "XlaEinsum", "SparseMatMul",
        "SparseTensorDenseMatMul", "Conv2D", "Conv3D", "DepthwiseConv2dNative", "Conv2DBackpropInput",
        "Conv3DBackpropInputV2", "Conv",
    }
)  # fmt: skip
"""Weighted sums, of one signal by weights or of one by another."""

FUNCTIONS = frozenset({"PartitionedCall", "StatefulPartitionedCall", "XlaLaunch"})
"""Functions that run as a whole, such as Keras's grouped convolutions on a CPU."""

LOOKUPS = frozenset({"ResourceGather", "ResourceGatherNd", "Gather", "GatherV2", "GatherNd"})

ADDITIONS = frozenset({"AddV2", "Add", "AddN", "BiasAdd", "BiasAddV1", "Sub", "SquaredDifference"})
PRODUCTS = frozenset({"Mul", "MulNoNan", "RealDiv", "Div", "DivNoNan"})
REDUCTIONS = frozenset({"Mean", "Sum", "Max", "Min", "Prod", "EuclideanNorm"})
INVERSES = frozenset({"Rsqrt", "Sqrt"})
NORMALIZATIONS = frozenset({"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "L2Normalize"})
SOFTMAX = frozenset({"Softmax", "LogSoftmax"})
CHOICES = frozenset({"ArgMax", "ArgMin", "TopKV2"})
SELECTIONS = frozenset({"Select", "SelectV2", "Where"})

LINEAR = frozenset({"Cast", "Identity", "Neg", "StopGradient", "EnsureShape", "CheckNumerics", "PreventGradient"})
"""What acts on each number by itself, as a line; sums with and products by fixed numbers do so too."""

BENT = frozenset(
    {
        "Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Softplus", "Softsign", "Tanh", "Sigmoid", "Erf", "Erfc", "Exp",
        "Expm1", "Log", "Log1p", "Square", "Sqrt", "Rsqrt", "Abs", "Sign", "Pow", "Maximum", "Minimum", "ClipByValue",
        "Reciprocal", "Inv", "Sin", "Cos", "Sinh", "Cosh", "Atan", "Asinh", "Round", "Floor", "Ceil",
    }
)  # fmt: skip
"""What acts on each number by itself, and not as a line."""

POINTWISE = LINEAR | BENT | ADDITIONS | PRODUCTS | SELECTIONS

SHAPING = frozenset(
    {
        "Reshape", "Transpose", "Squeeze", "ExpandDims", "Pad", "PadV2", "MirrorPad", "StridedSlice", "Slice", "Split",
        "SplitV", "Unpack", "Tile", "BroadcastTo", "SpaceToBatchND", "BatchToSpaceND", "DepthToSpace", "SpaceToDepth",
        "MaxPool", "MaxPoolV2", "MaxPool3D", "AvgPool", "AvgPool3D", "ResizeBilinear", "ResizeNearestNeighbor",
        "ResizeBicubic", "ReverseV2", "Roll", "GatherV2", "GatherNd", "ConcatV2", "Pack", "Unbatch", "ScatterNd",
    }
) | LINEAR  # fmt: skip
"""What moves numbers about, pools or repeats them."""

UNALTERED = frozenset(
    {"ReadVariableOp", "Reshape", "Transpose", "Squeeze", "ExpandDims", "Cast", "Identity", "Split", "SplitV", "Slice",
     "StridedSlice", "Unpack", "ResourceGather"}
)  # fmt: skip
"""What leaves weights the numbers that they are."""


def is_random(kind: str) -> bool:
    """Whether an operation draws numbers."""
    return "Random" in kind or "Multinomial" in kind
