#!/usr/bin/env python3
"""
nn.py - the nets of nn.c in PyTorch, on one thread

    bench/nn.py

Prints a line a net, separated by tabs: name, rows, samples a second, as nn -t
does: forward, loss, backward, Adam; the best of several runs, processor time.
"""
import time

import torch
from torch import nn

RUNS = 12
TIME_ONE = 0.25


class UnitLength(nn.Module):
    def forward(self, x):
        return nn.functional.normalize(x)


def dense(hidden, unit):
    widths = [784] + hidden
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    layers += [nn.Linear(widths[-1], 10)] + ([UnitLength()] if unit else [])
    widths = [10] + hidden[::-1]
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], 784))


def conv():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, 1, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(),
        nn.Conv2d(32, 32, 3, 1, 1), nn.ReLU(), nn.Conv2d(32, 16, 3, 2, 1), nn.ReLU(),
        nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10),
        nn.Linear(10, 256), nn.ReLU(), nn.Linear(256, 784), nn.Unflatten(1, (16, 7, 7)),
        nn.ConvTranspose2d(16, 32, 3, 2, 1, 1), nn.ReLU(), nn.ConvTranspose2d(32, 32, 3, 1, 1), nn.ReLU(),
        nn.ConvTranspose2d(32, 16, 3, 2, 1, 1), nn.ReLU(), nn.ConvTranspose2d(16, 1, 3, 1, 1), nn.Sigmoid())


def classifier():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, 2, 2), nn.ReLU(), nn.Conv2d(32, 64, 5, 2, 2), nn.ReLU(),
        nn.Flatten(), nn.Linear(3136, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10))


def soft_cross_entropy(y, p):
    return -(p * y.log_softmax(1)).sum(1).mean()


def measure(name, net, x, target, loss):
    adam = torch.optim.Adam(net.parameters(), lr=1e-4)
    best = float("inf")
    for _ in range(RUNS):
        start, steps = time.process_time(), 0
        while steps == 0 or time.process_time() - start < TIME_ONE:
            adam.zero_grad()
            loss(net(x), target).backward()
            adam.step()
            steps += 1
        best = min(best, (time.process_time() - start) / steps)
    print("%s\t%d\t%.1f" % (name, len(x), len(x) / best), flush=True)


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    rows, images = torch.rand(256, 784), torch.rand(256, 1, 28, 28)
    mse = nn.functional.mse_loss
    measure("dense 500-500-2000-10", dense([500, 500, 2000], False), rows, rows, mse)
    measure("dense 256-256-512-10", dense([256, 256, 512], True), rows, rows, mse)
    measure("conv autoencoder", conv(), images, images, mse)
    measure("conv classifier", classifier(), images[:64], torch.rand(64, 10).softmax(1), soft_cross_entropy)


main()
