"""Why a gradient is what it is: `paths.py` searches the paths, and `explanation.py` says it. It has explain()."""
