"""What comes out of the compiler can be trained."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch.nn import functional

import netspec


def test_lenet_learns_handwritten_digits() -> None:
    """97 % of unseen digits after a few passes over scikit-learn's bundled 8×8 digits."""
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.from_numpy(digits.images.astype(np.float32))[:, None] / 8 - 1
    images = functional.interpolate(images, size=(28, 28), mode="bilinear")
    labels = torch.from_numpy(digits.target)
    order = torch.randperm(len(labels))
    train, test = order[:1400], order[1400:]

    model = netspec.load("lenet").to_torch()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    model.train()
    for _ in range(6):
        for batch in train[torch.randperm(len(train))].split(32):
            loss = functional.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    model.eval()
    with torch.no_grad():
        predicted = model(images[test]).argmax(1)
    assert (predicted == labels[test]).float().mean() >= 0.97
