"""The values of a network's parameters: fresh ones from the fillers, or the user's own.

Weights are a mapping from parameter names to arrays, each made when it is asked for: whoever
writes them one after the other holds one tensor in memory, however large the network.
"""

from netspec.lower.weights.drawn import fresh as fresh
from netspec.lower.weights.made import Weights as Weights
from netspec.lower.weights.matching import given as given
from netspec.lower.weights.matching import weights_for as weights_for
from netspec.lower.weights.source import Source as Source
from netspec.lower.weights.source import UserWeights as UserWeights
from netspec.lower.weights.source import user_weights as user_weights
