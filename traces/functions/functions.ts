/** The functions that are recorded here, and which of the paper's functions each resembles. */

export interface RecordedFunction {
  readonly file: string;
  readonly does: string;
  /** What must be known besides before results are quoted. */
  readonly caveat?: string;
  /** Debian packages whose versions matter; `node` is asked itself. */
  readonly packages: readonly string[];
  /** The workload of the paper's function of the same kind. */
  readonly like?: string;
}

const python = ['python3'];
const openblas = 'libopenblas0-pthread';
const numpy = [...python, 'python3-numpy', openblas];
const caveat =
  'Recorded without fused multiply-add, so that matrix products take about twice their instructions.';
const torch = [...python, 'python3-torch', openblas];

export const functions: Readonly<Record<string, RecordedFunction>> = {
  float: {
    file: 'float.py',
    does: 'sines, cosines and square roots in CPython',
    packages: python,
    like: 'float',
  },
  linpack: {
    file: 'linpack.py',
    does: 'dense linear equations, solved with NumPy',
    packages: numpy,
    caveat,
    like: 'linpack',
  },
  json: {
    file: 'json_document.py',
    does: 'a JSON document parsed, changed and written in CPython',
    packages: python,
    like: 'json',
  },
  aes: {
    file: 'aes.py',
    does: 'AES-128 in CPython alone',
    packages: python,
    like: 'pyaes',
  },
  chameleon: {
    file: 'chameleon_table.py',
    does: 'a table rendered through a Chameleon template in CPython',
    packages: [...python, 'python3-chameleon'],
    like: 'chameleon',
  },
  html: {
    file: 'html_service.py',
    does: 'pages of a site in memory, served over HTTP requests in CPython',
    packages: python,
    like: 'html',
  },
  bfs: {
    file: 'bfs.py',
    does: 'breadth-first search over a random graph, in NumPy',
    packages: numpy,
    like: 'bfs',
  },
  cnn: {
    file: 'cnn.py',
    does: 'a layout classified by a network of ResNet-18’s size with random weights, in PyTorch',
    packages: torch,
    caveat,
    like: 'cnn',
  },
  rnn: {
    file: 'rnn.py',
    does: 'text written letter by letter by an LSTM with random weights, in PyTorch',
    packages: torch,
    caveat,
    like: 'rnn',
  },
  bert: {
    file: 'bert.py',
    does: 'a sentence encoded by an encoder of BERT-base’s size with random weights, in PyTorch',
    packages: torch,
    caveat,
    like: 'bert',
  },
  markdown: {
    file: 'markdown.mjs',
    does: 'a Markdown text rendered to HTML in Node.js',
    packages: ['node'],
  },
  store: {
    file: 'store.c',
    does: 'requests to a table of keys and values, in C, statically linked',
    packages: ['gcc', 'libc6'],
  },
};
