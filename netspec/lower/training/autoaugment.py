"""The policies of AutoAugment: pairs of operations, each with its probability and its level.

Cubuk et al. 2018, AutoAugment: Learning Augmentation Policies from Data, Tables 7 and 9; levels are
0 to 9, of what Table 6 says.
"""

from collections.abc import Iterator

_POLICIES = {
    "cifar10": """
        Invert 0.1 0, Contrast 0.2 6
        Rotate 0.7 2, TranslateX 0.3 9
        Sharpness 0.8 1, Sharpness 0.9 3
        ShearY 0.5 8, TranslateY 0.7 9
        AutoContrast 0.5 0, Equalize 0.9 0
        ShearY 0.2 7, Posterize 0.3 7
        Color 0.4 3, Brightness 0.6 7
        Sharpness 0.3 9, Brightness 0.7 9
        Equalize 0.6 0, Equalize 0.5 0
        Contrast 0.6 7, Sharpness 0.6 5
        Color 0.7 7, TranslateX 0.5 8
        Equalize 0.3 0, AutoContrast 0.4 0
        TranslateY 0.4 3, Sharpness 0.2 6
        Brightness 0.9 6, Color 0.2 8
        Solarize 0.5 2, Invert 0.0 0
        Equalize 0.2 0, AutoContrast 0.6 0
        Equalize 0.2 0, Equalize 0.6 0
        Color 0.9 9, Equalize 0.6 0
        AutoContrast 0.8 0, Solarize 0.2 8
        Brightness 0.1 3, Color 0.7 0
        Solarize 0.4 5, AutoContrast 0.9 0
        TranslateY 0.9 9, TranslateY 0.7 9
        AutoContrast 0.9 0, Solarize 0.8 3
        Equalize 0.8 0, Invert 0.1 0
        TranslateY 0.7 9, AutoContrast 0.9 0
    """,
    "imagenet": """
        Posterize 0.4 8, Rotate 0.6 9
        Solarize 0.6 5, AutoContrast 0.6 0
        Equalize 0.8 0, Equalize 0.6 0
        Posterize 0.6 7, Posterize 0.6 6
        Equalize 0.4 0, Solarize 0.2 4
        Equalize 0.4 0, Rotate 0.8 8
        Solarize 0.6 3, Equalize 0.6 0
        Posterize 0.8 5, Equalize 1.0 0
        Rotate 0.2 3, Solarize 0.6 8
        Equalize 0.6 0, Posterize 0.4 6
        Rotate 0.8 8, Color 0.4 0
        Rotate 0.4 9, Equalize 0.6 0
        Equalize 0.0 0, Equalize 0.8 0
        Invert 0.6 0, Equalize 1.0 0
        Color 0.6 4, Contrast 1.0 8
        Rotate 0.8 8, Color 1.0 2
        Color 0.8 8, Solarize 0.8 7
        Sharpness 0.4 7, Invert 0.6 0
        ShearX 0.6 5, Equalize 1.0 0
        Color 0.4 0, Equalize 0.6 0
        Equalize 0.4 0, Solarize 0.2 4
        Solarize 0.6 5, AutoContrast 0.6 0
        Invert 0.6 0, Equalize 1.0 0
        Color 0.6 4, Contrast 1.0 8
        Equalize 0.8 0, Equalize 0.6 0
    """,
}
_CHANGES = {
    "ShearX": "moved(image, (1, 0.3 * by, 0, 0, 1, 0))",
    "ShearY": "moved(image, (1, 0, 0, 0.3 * by, 1, 0))",
    "TranslateX": "moved(image, (1, 0, -int(150 / 331 * image.width * by), 0, 1, 0))",
    "TranslateY": "moved(image, (1, 0, 0, 0, 1, -int(150 / 331 * image.height * by)))",
    "Rotate": "image.rotate(30 * by)",
    "Brightness": "ImageEnhance.Brightness(image).enhance(1 + 0.9 * by)",
    "Color": "ImageEnhance.Color(image).enhance(1 + 0.9 * by)",
    "Contrast": "ImageEnhance.Contrast(image).enhance(1 + 0.9 * by)",
    "Sharpness": "ImageEnhance.Sharpness(image).enhance(1 + 0.9 * by)",
    "Posterize": "ImageOps.posterize(image, 8 - round(4 * abs(by)))",
    "Solarize": "ImageOps.solarize(image, 255 - 255 * abs(by))",
    "AutoContrast": "ImageOps.autocontrast(image)",
    "Equalize": "ImageOps.equalize(image)",
    "Invert": "ImageOps.invert(image)",
}
"""What each operation does by a share of the most, which is negative for the other direction."""

Pair = tuple[tuple[str, float, int], ...]


def pairs(policy: str) -> Iterator[Pair]:
    """The pairs of a policy."""
    for line in _POLICIES[policy].split("\n"):
        if line.strip():
            words = [each.split() for each in line.split(",")]
            yield tuple((name, float(chance), int(level)) for name, chance, level in words)


def changes(policy: str) -> Iterator[tuple[str, str]]:
    """The operations that a policy has, each with its expression."""
    named = {name for pair in pairs(policy) for name, _, _ in pair}
    return ((name, code) for name, code in _CHANGES.items() if name in named)
