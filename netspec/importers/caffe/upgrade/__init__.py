"""Networks of earlier forms in today's: what Caffe itself does with them when it loads them."""

from netspec.importers.caffe.upgrade.network import upgrade as upgrade
