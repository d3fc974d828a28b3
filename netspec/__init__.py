"""netspec: a compiler for neural-network definitions.

>>> import netspec
>>> net = netspec.load("lenet")
>>> net.params
431080
"""

TYPE_CHECKING = False  # type checkers take it for typing's, which takes its time to import
if TYPE_CHECKING:
    from netspec.public import *  # noqa: F403 (it says itself which names)
else:

    def __getattr__(name):
        """A name of `netspec.public`, which is imported when the first one is asked for.

        The program loads this file before it can do anything about Ctrl-C: there is little in it.
        """
        from importlib.util import find_spec

        # Python asks for a module, too, before it imports it.
        if not find_spec(f"{__name__}.{name}"):
            public = _public()
            if name == "__all__" or name in public.__all__:
                return getattr(public, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)

    def __dir__():
        return [*globals(), *_public().__all__]

    def _public():
        from importlib import import_module

        return import_module("netspec.public")
