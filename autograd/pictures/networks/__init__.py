"""The diagram of a network: `network.py` places circles and lines, and `svg.py` draws them."""
