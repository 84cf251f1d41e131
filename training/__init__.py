"""How the numbers of the pair scorer are found: `python -m training`, or `make fit`.

    labelled corpora -> what cluster would compare (`pairs`) -> one pass with given weights (`trial`) -> the
    weights whose stories agree best with the labels (`search`) -> processors/stories/pair_weights.toml

Nothing here runs in the service.
"""
