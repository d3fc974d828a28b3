"""What each layer becomes in ONNX: a module a family, registered by the layers' classes."""
