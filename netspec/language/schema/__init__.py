"""The JSON Schema of specs, by which editors complete and check them."""

from netspec.language.schema.spec import spec_schema as spec_schema
