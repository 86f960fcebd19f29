from torch import Tensor, nn


def load_weights(network: nn.Module, saved: dict[str, Tensor]) -> None:
    saved = dict(saved)
    nn.modules.utils.consume_prefix_in_state_dict_if_present(saved, "module.")
    own = network.state_dict()
    if own.keys() != saved.keys():
        raise RuntimeError(f"keys that do not agree: {own.keys() ^ saved.keys()}")
    network.load_state_dict(saved)
