"""The keys of a spec that mean something to the language."""

ENTRY_KEYS = (
    "name",
    "type",
    "bottom",
    "top",
    "repeat",
    "first",
    "index",
    "when",
    "otherwise",
    "phase",
    "param",
    "allow",
    "doc",
)
"""The keys that every entry of `layers:` may have."""

KINDS = ("type", "layers", "reuse")
"""The keys of which an entry has one, which says of what kind it is."""

RESERVED_KEYS = (*ENTRY_KEYS, "layers", "reuse", "scope", "inputs", "outputs", "state_order")
"""Keys that no arg of a block can be called by."""

ABOUT_KEYS = ("doc", "source", "task", "year")
"""Keys by which a spec and its variants say what they are; no var can be called by them."""

LITERAL_KEYS = frozenset(("doc", "source"))
"""Keys whose text is never expanded."""

EXPECT = "expect"
"""The key of what is expected of a network's figures."""

VARIANT_KEYS = (*ABOUT_KEYS, EXPECT)
"""Keys of a variant that are no vars."""

REQUIRE = "require"
"""The key of the conditions of a spec or a block, each of which is read by itself."""

STATIC_KEYS = frozenset(
    ("index", "phase", "allow", "scope", "use", "netspec", "dtype", "state_order")
)
"""Keys whose values can't be expressions."""

KEYS_OF_THE_WHOLE = ("repeat", "first", "index", "layers", "scope", "allow", "doc")
"""Keys of an entry that its instances can't have of their own."""
