"""Graph to ONNX, straight: no torch, no tracing."""
