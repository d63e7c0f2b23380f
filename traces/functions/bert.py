# SPDX-License-Identifier: Apache-2.0
"""Encodes a sentence with an encoder of BERT-base's size (Devlin et al., 2019) and random weights."""

import torch
from invocations import serve
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)
WORDS, WIDTH, LAYERS, HEADS, INNER = 30_522, 768, 12, 12, 3_072
words, places = nn.Embedding(WORDS, WIDTH), nn.Embedding(512, WIDTH)
layer = nn.TransformerEncoderLayer(WIDTH, HEADS, INNER, activation='gelu', batch_first=True)
encoder = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False).eval()
pool = nn.Linear(WIDTH, WIDTH)


def handler(seed):
    random = torch.Generator().manual_seed(seed)
    sentence = torch.randint(WORDS, (1, 24 + seed), generator=random)
    with torch.no_grad():
        embedded = words(sentence) + places(torch.arange(sentence.shape[1]))
        return float(torch.tanh(pool(encoder(embedded)[:, 0])).sum())


serve(handler, range(6))
