"""Where the boxes and wires of a scene stand: `netspec.view.layout.drawing`."""
