"""Names that stand below others."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from netspec.diagnostics import SpecError, SpecWarning
from netspec.lower.weights import user_weights, weights_for
from tests.lower.weights.nets import arrays, assert_taken, below, network, tensors

PREFIXES = ["module.", "_orig_mod.", "model.", "net.", "module._orig_mod.", "backbone.body.", "m."]


def refusal(source: Any, prefix: str | None = None) -> list[tuple[str, str, str | None]]:
    with pytest.raises(SpecError) as caught:
        weights_for(network(), user_weights(source, prefix))
    return [(each.code, each.message, each.help) for each in caught.value.diagnostics]


def warning(source: Any, prefix: str | None = "auto") -> str:
    with pytest.warns(SpecWarning) as caught:
        assert_taken(source, prefix)
    (found,) = caught
    assert isinstance(found.message, SpecWarning)
    assert found.message.diagnostic.code == "weights-renamed"
    return found.message.diagnostic.message


@pytest.mark.parametrize("prefix", PREFIXES)
class TestSharedPrefix:
    def test_it_is_named(self, prefix: str) -> None:
        assert refusal(below(prefix)) == [
            (
                "weights-prefix",
                f"every name in the weights begins with `{prefix}`, which the network doesn't have",
                f"take it off with `--weights-prefix {prefix}` or `--weights-prefix auto`",
            )
        ]

    def test_it_is_taken_off(self, prefix: str) -> None:
        assert_taken(below(prefix), prefix)
        assert_taken(below(prefix), prefix.removesuffix("."))

    def test_it_is_found(self, prefix: str) -> None:
        found = warning(below(prefix))
        assert "of 9 entries of the weights" in found
        assert "_orig_mod" in prefix or found.startswith(f"took `{prefix}` off the names of 9")


class TestMorePrefixes:
    def test_a_file(self, tmp_path: Path) -> None:
        torch.save({"state_dict": below("module.", tensors())}, tmp_path / "model.pth.tar")
        ((_, message, _),) = refusal(tmp_path / "model.pth.tar")
        assert message.startswith("every name in the weights begins with `module.`")
        assert_taken(tmp_path / "model.pth.tar", "module.")
        assert_taken(str(tmp_path / "model.pth.tar"), "state_dict.module.")

    def test_other_mistakes_are_told_with_it(self) -> None:
        source = below("module.")
        source["module.fc.bias"] = np.zeros(7)
        del source["module.bn.weight"]
        assert [code for code, *_ in refusal(source)] == [
            "weights-prefix",
            "weights-missing",
            "weights-shape",
        ]

    def test_most_names_below_it(self) -> None:
        source = below("model.") | {"loss.weight": np.ones(2)}
        ((code, message, _),) = refusal(source)
        assert code == "weights-prefix"
        assert message == (
            "9 of 10 names in the weights begin with `model.`, which the network doesn't have"
        )
        assert_taken(source, "model.")
        assert warning(source) == (
            "took `model.` off the names of 9 entries of the weights, passed over `loss.weight`"
        )

    def test_what_an_averaged_model_counts_is_passed_over(self) -> None:
        source = below("module.") | {"n_averaged": np.array(3)}
        ((_, message, _),) = refusal(source)
        assert message.startswith("every name in the weights begins with `module.`")
        assert_taken(source, "module.")

    def test_no_name_has_it(self) -> None:
        assert refusal(below("module."), "model.") == [
            (
                "weights-prefix",
                "no name in the weights begins with `model.`",
                "they begin with `module.`",
            )
        ]
        assert refusal(arrays(), "model.") == [
            ("weights-prefix", "no name in the weights begins with `model.`", None)
        ]

    def test_auto_leaves_names_that_fit(self) -> None:
        assert_taken(arrays(), "auto")

    def test_auto_finds_nothing(self) -> None:
        assert [code for code, *_ in refusal({"a": np.zeros(1)}, "auto")] == [
            "weights-missing",
            "weights-extra",
        ]

    def test_modules_that_were_compiled_alone(self) -> None:
        values = arrays()
        source = {name.replace("fc.", "fc._orig_mod."): each for name, each in values.items()}
        (code, _, help), *_ = refusal(source)
        assert (code, help) == ("weights-prefix", "take it out with `--weights-prefix auto`")
        assert warning(source) == (
            "took what PyTorch's wrappers add out of them of 9 entries of the weights"
        )

    def test_names_that_would_be_the_same_without_wrappers(self) -> None:
        source = arrays() | {"fc._orig_mod.bias": np.zeros(4)}
        ((code, message, _),) = refusal(source, "auto")
        assert code == "weights-extra"
        assert "`fc._orig_mod.bias`" in message

    def test_a_long_name_with_many_dots(self) -> None:
        source = arrays() | {"." * 100_000: np.zeros(1)}
        assert [code for code, *_ in refusal(source)] == ["weights-extra"]


class TestSeveralStateDicts:
    """What training scripts save beside the weights."""

    def checkpoint(self) -> dict[str, Any]:
        return {
            "model": below("module."),
            "model_ema": below("module.") | {"module.fc.bias": np.full(4, 2, np.float32)},
            "epoch": 7,
            "optimizer": {"state": {0: {"step": np.array(1)}}, "param_groups": [{"lr": 0.1}]},
            "statistics": {"mean": np.zeros(3), "std": np.ones(3)},
        }

    @pytest.mark.parametrize("prefix", [None, "auto", "module."])
    def test_the_choice_is_the_users(self, prefix: str | None) -> None:
        ((code, message, help),) = refusal(self.checkpoint(), prefix)
        assert code == "weights-prefix"
        assert message == (
            "the weights hold the network's names several times, below `model.module.`, "
            "`model_ema.module.`"
        )
        assert help == "choose with `--weights-prefix model.module.`"

    def test_it_is_made_by_the_prefix(self) -> None:
        assert_taken(self.checkpoint(), "model.module.")
        expected = arrays() | {"fc.bias": np.full(4, 2, np.float32)}
        assert_taken(self.checkpoint(), "model_ema.module.", expected)

    def test_half_a_choice(self) -> None:
        ((code, _, help),) = refusal(self.checkpoint(), "model_ema.")
        assert code == "weights-prefix"
        assert help == "take it off with `--weights-prefix model_ema.module.`"

    def test_what_is_not_the_networks_is_no_choice(self) -> None:
        checkpoint = self.checkpoint()
        checkpoint["model"] = arrays()
        del checkpoint["model_ema"]
        assert_taken(checkpoint)

    def test_both_in_one_state_dict(self) -> None:
        source = below("model.") | below("ema.")
        ((_, message, _),) = refusal(source)
        assert message.endswith("several times, below `model.`, `ema.`")
        assert_taken(source, "ema.")
