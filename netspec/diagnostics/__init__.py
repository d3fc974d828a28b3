"""Spans, messages and their rendering. Knows nothing of what any message is about."""

from netspec.diagnostics.collector import Diagnostics as Diagnostics
from netspec.diagnostics.collector import SpecError as SpecError
from netspec.diagnostics.diagnostic import Diagnostic as Diagnostic
from netspec.diagnostics.diagnostic import Note as Note
from netspec.diagnostics.diagnostic import Severity as Severity
from netspec.diagnostics.span import SourceText as SourceText
from netspec.diagnostics.span import Span as Span
from netspec.diagnostics.warning import SpecWarning as SpecWarning
from netspec.diagnostics.warning import warn as warn
