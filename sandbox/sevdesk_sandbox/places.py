"""Countries and towns the made-up firm sells to, with the ways people misspell them.

Towns and postcodes are real, as the pipeline has to distinguish real towns; the people there are made up.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A town: `spellings` holds the proper name first, then the ones found in sloppy books."""

    country: str
    zip: str
    spellings: tuple[str, ...]
    weight: int


# ISO code, id of StaticCountry, German and English name. The order is the order of the ids.
HOME_COUNTRIES = (
    ("de", "Deutschland", "Germany"),
    ("at", "Österreich", "Austria"),
    ("ch", "Schweiz", "Switzerland"),
    ("fr", "Frankreich", "France"),
    ("nl", "Niederlande", "Netherlands"),
    ("it", "Italien", "Italy"),
    ("pl", "Polen", "Poland"),
    ("gb", "Vereinigtes Königreich", "United Kingdom"),
    ("us", "Vereinigte Staaten von Amerika", "United States of America"),
)
# Real accounts have countries whose code is not their own: joins by code find the wrong ones.
EXTRA_COUNTRIES = {
    "901": ("gb", "Nordirland", "Northern Ireland"),
    "902": ("gb", "Schottland", "Scotland"),
    "903": ("du", "Dubai", "Dubai"),
}
EU = {"at", "fr", "nl", "it", "pl"}
COUNTRY_ID = {code: str(position) for position, (code, _, _) in enumerate(HOME_COUNTRIES, 1)}

_TOWNS = """
de 80331 14 München|Muenchen|MÜNCHEN|Munich|münchen
de 10115 14 Berlin|Berlin-Mitte|BERLIN
de 20095 10 Hamburg|Hamburg |HAMBURG
de 50667 9 Köln|Koeln|Cologne|KÖLN
de 60311 7 Frankfurt am Main|Frankfurt a.M.|Frankfurt/Main|Frankfurt
de 15230 2 Frankfurt (Oder)|Frankfurt/Oder|Frankfurt
de 70173 6 Stuttgart|STUTTGART|Stuttgart\u00a0
de 40213 5 Düsseldorf|Duesseldorf|Dusseldorf
de 04109 4 Leipzig|leipzig
de 01067 4 Dresden|Dresden
de 30159 4 Hannover|Hanover
de 90402 4 Nürnberg|Nuernberg|Nuremberg
de 48143 3 Münster|Muenster
de 06108 2 Halle (Saale)|Halle/Saale|Halle
de 45468 2 Mülheim an der Ruhr|Mülheim a.d. Ruhr
de 79098 3 Freiburg im Breisgau|Freiburg i. Br.|Freiburg
de 79395 1 Neuenburg am Rhein|Neuenburg
de 61348 2 Bad Homburg vor der Höhe|Bad Homburg v.d.H.
de 02826 1 Görlitz|Goerlitz
de 66111 2 Saarbrücken|Saarbruecken
de 97070 2 Würzburg|Wuerzburg
de 03046 1 Cottbus|Cottbus/Chóśebuz
at 1010 6 Wien|Vienna|WIEN
at 8010 2 Graz|GRAZ
at 5020 2 Salzburg|salzburg
at 4020 2 Linz|Linz/Donau
ch 8001 5 Zürich|Zuerich|Zurich
ch 3011 2 Bern|Berne
ch 1201 1 Genf|Genève|Geneva
ch 4001 2 Basel|BASEL
ch 1700 1 Freiburg|Fribourg
fr 75001 2 Paris|PARIS
fr 67000 1 Straßburg|Strasbourg
nl 1012 2 Amsterdam|amsterdam
it 20121 1 Mailand|Milano
pl 00-001 1 Warschau|Warszawa
gb EC1A 1 London|LONDON
us 10001 2 New York|New York City
"""


def _place(line: str) -> Place:
    country, code, weight, spellings = line.split(" ", 3)
    return Place(country, code, tuple(spellings.split("|")), int(weight))


PLACES = [_place(line) for line in _TOWNS.strip("\n").splitlines()]
