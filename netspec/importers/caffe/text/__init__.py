"""Protobuf's text format to a tree with positions, without a word on what its fields mean.

What else was tried, on a text of 3,100 lines and 7,500 tokens (and a second of Python is two here):
`google.protobuf.text_format` reads into messages of a fixed description, which keep no positions,
and either refuses what a fork adds or drops it unsaid; its `Tokenizer` has positions in private
attributes alone and takes 7 ms before anything is read. A grammar for lark's LALR parser takes
43 ms, and its errors name sets of tokens. The reader here takes 8 ms for tokens and tree, and holds
nesting in a list, where the other's recursion is the stack's. That it takes and refuses what
`text_format` does, and gives the same values, is what `tests/importers/caffe` holds it to.
"""

from netspec.importers.caffe.text.parser import parse as parse
from netspec.importers.caffe.text.tree import Empty as Empty
from netspec.importers.caffe.text.tree import Field as Field
from netspec.importers.caffe.text.tree import Kind as Kind
from netspec.importers.caffe.text.tree import Message as Message
from netspec.importers.caffe.text.tree import Token as Token
