# SPDX-License-Identifier: Apache-2.0
"""Writes text letter by letter with a recurrent network of random weights; the input is the seed."""

import torch
from invocations import serve
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)
LETTERS, WIDTH = 96, 512
embedding = nn.Embedding(LETTERS, WIDTH)
recurrent = nn.LSTM(WIDTH, WIDTH, num_layers=2)
output = nn.Linear(WIDTH, LETTERS)


def handler(seed):
    random = torch.Generator().manual_seed(seed)
    letter, state, text = torch.tensor([[seed % LETTERS]]), None, []
    with torch.no_grad():
        for _ in range(40):
            hidden, state = recurrent(embedding(letter), state)
            chances = torch.softmax(output(hidden[-1]), dim=1)
            letter = torch.multinomial(chances, 1, generator=random)
            text.append(chr(32 + int(letter)))
    return ''.join(text)


serve(handler, range(8))
