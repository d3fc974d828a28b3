"""The stable codes of diagnostics. Scripts and `allow:` lists hold on to them.

`docs/errors.md` shows each with an example; it is made from `tests/errors/`.
"""

ERRORS: dict[str, str] = {
    # files and text
    "cannot-read": "A file can't be read.",
    "cannot-write": "A result can't be written.",
    "file-too-large": "A spec's text is over the limit.",
    "not-text": "A spec isn't UTF-8 text.",
    "empty-spec": "A spec has no content.",
    "yaml-syntax": "The text isn't YAML.",
    "prototxt-syntax": "The text isn't protobuf's text format.",
    "yaml-unsupported": "YAML that specs don't use: tags, several documents, keys other than text.",
    "duplicate-key": "A mapping gives a key twice.",
    "too-deep": "Text, blocks or an expression nest too deeply.",
    "too-large": "Larger than the language allows, or memory: a number, a string, the network.",
    "alias-expansion": "Aliases expand to more than the language allows, or contain themselves.",
    # the document
    "unknown-field": "A key that nothing here is called.",
    "missing-field": "A key that is needed isn't there.",
    "wrong-type": "A value is of another type than its key asks for.",
    "bad-value": "A value is of the right type, but not one that its key can have.",
    "bad-name": "A name that can't be used, or that Python or PyTorch claims.",
    "duplicate-name": "A name is given twice in its scope.",
    "name-conflict": "A name hides another one that a reader would take it for.",
    "field-conflict": "Keys that exclude each other.",
    "version": "The spec is written for another version of the language.",
    "unknown-type": "A layer type or block that nothing defines.",
    "unknown-variant": "A variant that the file doesn't define.",
    "unknown-spec": "A stock network that netspec doesn't have.",
    "unknown-var": "An override of a var or an input that the spec doesn't have.",
    "use-path": "A file that `use` may not or can't bring in.",
    "use-cycle": "Files that bring in each other.",
    # expressions
    "expression-syntax": "An expression can't be read.",
    "unquoted-expression": "YAML has cut an expression at a comma or a bracket: quote it.",
    "unknown-name": "A name that an expression or a bottom can't see.",
    "expression-type": "An expression computes with values that don't go together.",
    "expression-value": "An expression has no value: a division by zero, an index out of range.",
    "symbolic-size": "A size that isn't known stands where a number must, or can't be told.",
    "unmet-requirement": "A condition that a spec or a block requires doesn't hold.",
    # wiring
    "no-bottom": "A layer has nothing to read, or must name what it reads.",
    "bottom-count": "A layer reads more or fewer blobs than it takes.",
    "same-bottom": "Two of the names that a layer reads stand for the same blob.",
    "chained-branches": "Instances of a repeat that read one another are read as branches.",
    "top-count": "A layer names more or fewer tops than it gives.",
    "in-place": "A top bears the name of the layer's bottom.",
    "phase-mismatch": "A layer reads a blob that its phase doesn't have.",
    "missing-outputs": "The outputs must be listed.",
    "unused-layer": "A layer whose result nothing reads, and that is no output.",
    "block-cycle": "A block contains itself without end.",
    "bad-reuse": "A reuse of something that can't be reused so.",
    # layers and shapes
    "shape-mismatch": "Shapes that don't fit.",
    "unknown-size": "A layer needs a size that is symbolic.",
    "bad-axis": "An axis that a blob doesn't have.",
    "size-underflow": "A size becomes zero or negative.",
    "group-mismatch": "Groups that don't divide the channels.",
    "share-mismatch": "Shared parameters of different shapes.",
    "unmet-expectation": "A figure of the network isn't what the spec expects.",
    # other formats
    "not-importable": "Something in a file of another format that no spec can say.",
    # back ends and weights
    "not-lowerable": "A layer that a target can't express.",
    "missing-extra": "A library that a command needs isn't installed, or is too old.",
    "weights-missing": "Weights without an entry that the network needs.",
    "weights-extra": "Weights with an entry that the network doesn't have.",
    "weights-shape": "Weights with an entry of another shape.",
    "weights-differ": "Weights with different values for parameters that share theirs.",
    "weights-format": "Weights that can't be read, or aren't of a type that weights can be of.",
    "weights-prefix": "Weights whose names stand below others, or several times.",
    "weights-fresh": "A pattern of parameters to be filled anew that no parameter matches.",
    "weights-place": "Weights that an ONNX file can't refer to where they lie.",
    "unknown-target": "A target that netspec can't compile to.",
}

WARNINGS: dict[str, str] = {
    "unused-block": "A block that nothing uses.",
    "unused-arg": "An arg that its block doesn't read.",
    "unused-here": "A layer that nothing reads in one use of its block, though others need it.",
    "unused-var": "A var that nothing reads.",
    "reserved-name": "A name of a network or an input that its PyTorch source needs itself.",
    "unused-input": "An input that nothing reads, in either phase and any variant.",
    "bias-before-batchnorm": "A bias that the BatchNorm behind it takes away again.",
    "scaled-twice": "A Scale of channels that the layer before it has scaled already.",
    "implied-axis": "A layer on three axes that doesn't say which of them it means.",
    "pooling-in-padding": "Pooling windows that lie wholly in padding.",
    "share-once": "A sharing name that only one parameter bears.",
    "ignored-filler": "A filler of a shared parameter whose first owner has already filled it.",
    "softmax-before-loss": "A Softmax before a loss that contains one.",
    "left-out": "Something in a file of another format that its spec doesn't have.",
    "weights-renamed": "Names of weights that were taken without what stands before them.",
    "weights-filled": "Parameters that were filled from their fillers, not from the weights.",
}

CODES: dict[str, str] = ERRORS | WARNINGS
