"""The generations of Headscale: their bands and how tables speak of them.

A band is a short text; bands compare as texts, oldest first, so `band >= "E"` means "since 0.26" and `band < "G"` means
"up to 0.27". Two bands share a letter where one release differs from the next: F0 is 0.27.0, F1 is 0.27.1.
"""
BANDS = ("B", "C", "D", "E", "F0", "F1", "G", "H", "I")
GENERATIONS = {"0.23": "B", "0.24": "C", "0.25": "D", "0.26": "E", "0.27.0": "F0", "0.27": "F1", "0.28": "G", "0.29": "H",
               "0.30": "I"}
# what GET /version says; nothing up to 0.26
VERSIONS = {"F0": "v0.27.0", "F1": "v0.27.1", "G": "v0.28.0", "H": "v0.29.2", "I": "v0.30.0"}


def generation(band):
    return next(g for g, b in GENERATIONS.items() if b == band)


def in_band(bands, band):
    """whether a band expression of the tables ("", "B", "B-D", "C+", "F" = F0 and F1) covers this band"""
    if not bands:
        return True
    if bands.endswith("+"):
        return band >= bands[:-1]
    first, _, last = bands.partition("-")
    last = last or first
    return first <= band and (band <= last or band.startswith(last))


def by_band(value, band):
    """value itself, or the entry of {bands: value} that covers the band"""
    if not isinstance(value, dict):
        return value
    return next(v for bands, v in value.items() if in_band(bands, band))
