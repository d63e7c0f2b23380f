# SPDX-License-Identifier: Apache-2.0
"""AES-128 in counter mode (FIPS 197, SP 800-38A), in Python alone; the input is the key's number."""

from invocations import serve


def double(byte):
    return (byte << 1 ^ (0x11B if byte & 0x80 else 0)) & 0xFF


def substitution_box():
    """Inverses in GF(2^8), found with powers of 3, under the affine map."""
    powers, logarithms = [0] * 255, [0] * 256
    value = 1
    for exponent in range(255):
        powers[exponent], logarithms[value] = value, exponent
        value ^= double(value)
    box = []
    for byte in range(256):
        inverse = powers[(255 - logarithms[byte]) % 255] if byte else 0
        rotated = inverse * 0x101
        box.append(
            0x63 ^ (rotated ^ rotated >> 4 ^ rotated >> 5 ^ rotated >> 6 ^ rotated >> 7) & 0xFF
        )
    return box


BOX = substitution_box()
SHIFTED = [(column * 4 + row + row * 4) % 16 for column in range(4) for row in range(4)]


def expand(key):
    words = [list(key[i : i + 4]) for i in range(0, 16, 4)]
    constant = 1
    for i in range(4, 44):
        word = words[-1]
        if i % 4 == 0:
            word = [BOX[byte] for byte in word[1:] + word[:1]]
            word[0] ^= constant
            constant = double(constant)
        words.append([a ^ b for a, b in zip(words[-4], word)])
    return [sum(words[i : i + 4], []) for i in range(0, 44, 4)]


def encrypt(block, keys):
    state = [a ^ b for a, b in zip(block, keys[0])]
    for key in keys[1:-1]:
        state = [BOX[state[place]] for place in SHIFTED]
        mixed = []
        for i in range(0, 16, 4):
            a, b, c, d = state[i : i + 4]
            every = a ^ b ^ c ^ d
            mixed += [
                a ^ every ^ double(a ^ b),
                b ^ every ^ double(b ^ c),
                c ^ every ^ double(c ^ d),
                d ^ every ^ double(d ^ a),
            ]
        state = [a ^ b for a, b in zip(mixed, key)]
    return [BOX[state[place]] ^ byte for place, byte in zip(SHIFTED, keys[-1])]


def encrypt_message(message, key):
    keys = expand(key)
    sealed = bytearray()
    for at in range(0, len(message), 16):
        stream = encrypt((at // 16).to_bytes(16, 'big'), keys)
        sealed += bytes(a ^ b for a, b in zip(message[at : at + 16], stream))
    return bytes(sealed)


# FIPS 197, appendix C.1.
assert (
    bytes(encrypt(bytes.fromhex('00112233445566778899aabbccddeeff'), expand(bytes(range(16))))).hex()
    == '69c4e0d86a7b0430d8cdb78070b4c55a'
)

message = bytes(i * 7 % 256 for i in range(4_000))


def handler(number):
    return encrypt_message(message[: 3_000 + 50 * number], bytes([number] * 16))


serve(handler, range(16))
