"""A scale and a shift of channels, by which a layer tells passes what it does."""

from netspec.quick import frozen


@frozen
class ChannelScale:
    """y = (x − mean) / sqrt(variance + eps) · factor + shift, for each element of axis 1.

    Each is the last part of the name of a tensor that the layer holds, one number a channel; what
    is left out changes nothing.
    """

    mean: str | None = None
    variance: str | None = None
    factor: str | None = None
    shift: str | None = None
    eps: float = 0.0
