# SPDX-License-Identifier: Apache-2.0
"""Classifies an image with a residual network of ResNet-18's size and random weights."""

import torch
from invocations import serve
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.short = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.short = nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, image):
        return torch.relu(self.body(image) + self.short(image))


layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
width = 64
for outputs, stride in [(64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]:
    layers.append(Residual(width, outputs, stride))
    width = outputs
network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000)).eval()


def handler(seed):
    image = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        return int(network(image).argmax())


serve(handler, range(8))
