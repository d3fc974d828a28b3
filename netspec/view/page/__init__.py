"""A network as a page: `netspec.view.page.document`; the folder has the page's own CSS and JS."""
