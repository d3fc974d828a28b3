"""Protobuf's text format to a tree with positions, without a word on what its fields mean.

What else was tried, on a text of 3,100 lines and 7,500 tokens: `google.protobuf.text_format` reads
into messages of a fixed description, which keep no positions, and either refuses what a fork adds
or drops it unsaid, in 12 ms; its `Tokenizer` has positions in private attributes alone, and takes
7 ms before anything is read. A grammar for lark's LALR parser takes 43 ms, and its errors name sets
of tokens. The reader here takes 7 ms for tokens and tree, and holds nesting in a list, where
`text_format` recurses. That it takes and refuses what `text_format` does, and gives the same
values, is what `tests/importers/caffe/test_agreement.py` holds it to; so too a sign that stands
apart from its number is refused, which protobuf reads in C++ (`findings/protobuf_minus_apart.sh`).
"""

from netspec.importers.caffe.text.parser import parse as parse
from netspec.importers.caffe.text.tree import Empty as Empty
from netspec.importers.caffe.text.tree import Field as Field
from netspec.importers.caffe.text.tree import Kind as Kind
from netspec.importers.caffe.text.tree import Message as Message
from netspec.importers.caffe.text.tree import Token as Token
