"""Every operator that a tail may use, by its name in ONNX."""

import torch
from torch.nn import functional

from shoplens.learn.network.operators import elementwise, layers, shapes
from shoplens.learn.network.operators.base import Operator
from shoplens.learn.network.operators.elementwise import extreme, plain
from shoplens.learn.network.operators.layers import reduction

OPERATORS: dict[str, Operator] = {
    # each entry by itself
    "Abs": plain(torch.abs),
    "Add": plain(torch.add),
    "Cast": elementwise.cast,
    "Clip": elementwise.clip,
    "Div": elementwise.divide,
    "Equal": plain(torch.eq),
    "Erf": plain(torch.erf),
    "Exp": plain(torch.exp),
    "Gelu": elementwise.gelu,
    "HardSigmoid": elementwise.hard_sigmoid,
    "HardSwish": plain(functional.hardswish),
    "Identity": elementwise.same,
    "LeakyRelu": elementwise.leaky_relu,
    "Log": plain(torch.log),
    "Max": extreme(torch.maximum),
    "Min": extreme(torch.minimum),
    "Mul": plain(torch.mul),
    "Neg": plain(torch.neg),
    "Pow": elementwise.power,
    "Reciprocal": plain(torch.reciprocal),
    "Relu": plain(torch.relu),
    "Sigmoid": plain(torch.sigmoid),
    "Sqrt": plain(torch.sqrt),
    "Sub": plain(torch.sub),
    "Tanh": plain(torch.tanh),
    "Where": plain(torch.where),
    # entries are mixed
    "AveragePool": layers.average_pool,
    "BatchNormalization": layers.batch_norm,
    "Conv": layers.convolve,
    "Gemm": layers.gemm,
    "GlobalAveragePool": layers.global_average,
    "LayerNormalization": layers.layer_norm,
    "LpNormalization": layers.unit_length,
    "MatMul": plain(torch.matmul),
    "MaxPool": layers.max_pool,
    "ReduceL2": reduction(layers.euclidean),
    "ReduceMean": reduction(torch.mean),
    "ReduceSum": reduction(torch.sum),
    "Softmax": layers.softmax,
    # entries are moved
    "Concat": shapes.concat,
    "Expand": shapes.expand,
    "Flatten": shapes.flatten,
    "Gather": shapes.gather,
    "Reshape": shapes.reshape,
    "Shape": shapes.shape_of,
    "Slice": shapes.take_slice,
    "Split": shapes.split,
    "Squeeze": shapes.squeeze,
    "Transpose": shapes.transpose,
    "Unsqueeze": shapes.unsqueeze,
}
