"""Command lines to begin with, which the help of each verb shows."""

EXAMPLES = {
    "list": ("list resnet --max-params 30M", "list --task detection"),
    "check": ("check mine.yaml", "check resnet50 vgg16 --format json"),
    "summary": (
        "summary resnet50 --depth 1",
        "summary resnet50 --input data=1x3x320x320 --columns name,top,macs,receptive_field",
        "summary resnet50 --training --budget 24GiB",
    ),
    "compile": (
        "compile resnet50 -o resnet50.py",
        "compile mine.yaml -o mine.onnx --seed 1 --fold-batchnorm",
        "compile resnet50 --set num_classes=10 --output layer4 -o backbone.py",
    ),
    "view": ("view mine.yaml", "view resnet50 --set num_classes=10 --no-browser"),
    "train": (
        "train lenet --recipe lenet_digits -o run",
        "train lenet --recipe lenet_digits -o run --resume",
    ),
    "test": ("test run", "test lenet --recipe lenet_digits --weights run/weights.safetensors"),
    "predict": ("predict run images.npz --top 3", "predict run images.npy -o scores.npz"),
    "verify": ("verify mine.yaml", "verify resnet18 --layers --opset 17"),
    "diff": ("diff resnet18 resnet34", "diff vgg16 vgg16_bn --format markdown"),
    "sweep": (
        "sweep resnet50 --set group_width=32..128:32",
        "sweep resnet50 --variant '*' --where 'macs < 4e9' --pareto macs,params",
    ),
    "plot": ("plot run -o curves.svg", "plot run run2 -o curves.pdf"),
    "init": ("init resnet50 -o mine.yaml",),
    "import": (
        "import train_val.prototxt -o net.yaml",
        "import deploy.prototxt --weights net.caffemodel -o net.yaml -o net.safetensors",
    ),
    "layers": ("layers Convolution", "layers Conv2d"),
    "schema": ("schema > netspec.schema.json",),
    "lsp": ("lsp",),
    "doctor": ("doctor",),
}


def epilogue(verb: str) -> str:
    """The examples of a verb, as the end of its help."""
    lines = [f"  netspec {each}" for each in EXAMPLES[verb]]
    return "\n".join(["\b", "Examples:" if len(lines) > 1 else "Example:", *lines])
