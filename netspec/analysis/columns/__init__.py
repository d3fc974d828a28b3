"""The columns of a summary: what each is called, counts in, and is for a layer or a scope.

`catalogue` lists them, `column` says what one is, `figures` what they are worked out from. The
others hold columns, a module for each subject; a module is imported when one of its columns is
first asked for.
"""
