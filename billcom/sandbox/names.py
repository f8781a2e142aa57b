"""Invented companies, people and addresses. Places are real, telephone numbers are 555-01xx."""

import random
import re
from dataclasses import dataclass

from billcom.sandbox.wire import Record

# Carriers that both the dispatcher and the broker work with: same name, two unrelated books.
SHARED_CARRIERS = (
    "Bluestem Hauling LLC",
    "Copper Gulch Trucking LLC",
    "Lost Creek Carriers Inc",
    "Wapiti Freight Lines LLC",
)

_FIRST = (
    "Alder", "Amber", "Antelope", "Ashford", "Badger", "Bannock", "Basalt", "Bear Paw", "Birch",
    "Bitterroot", "Boxelder", "Bramble", "Buckskin", "Cedar", "Chinook", "Clearwater",
    "Cottonwood", "Coyote", "Dry Fork", "Eagle Rock", "Elkhorn", "Fairweather", "Fallon",
    "Flatrock", "Foxglove", "Gallatin", "Granite", "Harlow", "Hawthorn", "Heron", "High Plains",
    "Ironwood", "Juniper", "Kestrel", "Kiowa", "Larkspur", "Lodgepole", "Lonepine", "Madrone",
    "Mallard", "Marigold", "Meadowlark", "Mesa", "Millrace", "Moraine", "Northfork", "Oakhurst",
    "Osprey", "Painted Hills", "Palouse", "Pinyon", "Ponderosa", "Quail Run", "Redtail",
    "Rimrock", "Sagebrush", "Sawtooth", "Shoshone", "Silver Bow", "Snowberry", "Stillwater",
    "Sundance", "Tamarack", "Tanager", "Three Rivers", "Timberline", "Union Gap", "Vermilion",
    "Whitetail", "Willow Bend", "Yarrow", "Yellowpine",
)  # fmt: skip
_CARRIER = (
    "Trucking LLC",
    "Transport LLC",
    "Hauling LLC",
    "Freight Inc",
    "Carriers LLC",
    "Express",
)
_SHIPPER = (
    "Produce Co", "Steel Supply", "Millwork", "Beverage Co", "Paper & Packaging", "Farms",
    "Building Products", "Foods Inc", "Cold Storage", "Plastics", "Lumber", "Seed & Feed",
    "Machinery", "Furniture", "Tile & Stone", "Pet Foods", "Chemical", "Glass Works",
)  # fmt: skip
_TRADER = {
    "USD": ("Imports Inc", "Trading Co", "Instruments Inc", "Outfitters LLC"),
    "CAD": ("Imports Ltd", "Trading Ltd", "Equipment Ltd"),
    "EUR": ("Handels GmbH", "Maschinen GmbH", "Import BV", "Négoce SARL"),
    "JPY": ("Shoji KK", "Precision KK", "Trading KK"),
}
_GIVEN = (
    "Ada", "Bram", "Celia", "Dario", "Elena", "Farid", "Greta", "Hugo", "Inés", "Jonas", "Kaya",
    "Lars", "Mina", "Noor", "Otis", "Petra", "Quinn", "Rosa", "Stellan", "Tomás", "Uma", "Vera",
    "Wes", "Ximena", "Yuki", "Zane",
)  # fmt: skip
_FAMILY = (
    "Abbott", "Barros", "Castellan", "Dahl", "Eklund", "Fontaine", "Grady", "Hollis", "Ibarra",
    "Jansen", "Kimura", "Lindqvist", "Moreau", "Nakata", "Okafor", "Pruitt", "Quist", "Renner",
    "Sorensen", "Tran", "Ulrich", "Vance", "Whitlock", "Yoder", "Zeller",
)  # fmt: skip
_STREETS = ("Depot St", "Mill Rd", "Terminal Way", "Rail Ave", "Orchard Ln", "Commerce Dr")


@dataclass(frozen=True)
class City:
    """A place to have an address in. `area` is the telephone prefix."""

    name: str
    state: str
    zip_prefix: str
    area: str
    country: str = "US"


US_CITIES = (
    City("Boise", "ID", "837", "208"),
    City("Spokane", "WA", "992", "509"),
    City("Fresno", "CA", "937", "559"),
    City("Reno", "NV", "895", "775"),
    City("Salt Lake City", "UT", "841", "801"),
    City("Omaha", "NE", "681", "402"),
    City("Des Moines", "IA", "503", "515"),
    City("Amarillo", "TX", "791", "806"),
    City("Joplin", "MO", "648", "417"),
    City("Billings", "MT", "591", "406"),
    City("Fargo", "ND", "581", "701"),
    City("Medford", "OR", "975", "541"),
    City("Pueblo", "CO", "810", "719"),
    City("Laredo", "TX", "780", "956"),
)
_ABROAD = {
    "CAD": (
        City("Kelowna", "BC", "V1Y", "250", "CA"),
        City("Guelph", "ON", "N1H", "519", "CA"),
    ),
    "EUR": (
        City("Bremen", "", "281", "49421", "DE"),
        City("Rotterdam", "", "301", "3110", "NL"),
        City("Le Havre", "", "766", "33235", "FR"),
    ),
    "JPY": (City("Kobe", "", "650", "8178", "JP"), City("Nagoya", "", "460", "8152", "JP")),
}
_COUNTRIES = {
    "US": "United States",
    "CA": "Canada",
    "DE": "Germany",
    "NL": "Netherlands",
    "FR": "France",
    "JP": "Japan",
}


class Names:
    """Hands out names, telephone numbers and mailboxes, none of them twice."""

    def __init__(self, rng: random.Random, taken: tuple[str, ...] = ()) -> None:
        """`taken` names are not given out."""
        self._rng = rng
        self._taken = set(taken)
        self._phones: set[str] = set()

    def carrier(self) -> str:
        """A small trucking company."""
        return self._company(_CARRIER)

    def shipper(self) -> str:
        """Somebody with goods to move."""
        return self._company(_SHIPPER)

    def trader(self, currency: str) -> str:
        """Somebody who imports or exports, at home where `currency` is."""
        return self._company(_TRADER[currency])

    def person(self) -> Record:
        """A contact."""
        return {
            "firstName": self._rng.choice(_GIVEN),
            "lastName": self._rng.choice(_FAMILY),
        }

    def city(self, currency: str) -> City:
        """A place where `currency` is used."""
        return self._rng.choice(_ABROAD.get(currency, US_CITIES))

    def address(self, city: City) -> Record:
        """A street address in `city`."""
        address = {
            "line1": f"{self._rng.randrange(10, 9900)} {self._rng.choice(_STREETS)}",
            "city": city.name,
            "stateOrProvince": city.state,
            "zipOrPostalCode": f"{city.zip_prefix}{self._rng.randrange(1, 99):02d}",
            "country": city.country,
            "countryName": _COUNTRIES[city.country],
        }
        return {name: value for name, value in address.items() if value}

    def phone(self, city: City) -> str:
        """A number in the range kept for fiction."""
        while True:
            # A hundred such numbers an area; an extension once they run short.
            extension = f" x{self._rng.randrange(10, 99)}" if self._rng.random() < 0.5 else ""
            phone = f"{city.area}-555-01{self._rng.randrange(100):02d}{extension}"
            if phone not in self._phones:
                self._phones.add(phone)
                return phone

    def _company(self, kinds: tuple[str, ...]) -> str:
        while True:
            name = f"{self._rng.choice(_FIRST)} {self._rng.choice(kinds)}"
            if name not in self._taken:
                self._taken.add(name)
                return name


def mailbox(name: str) -> str:
    """The accounts-payable address of a company."""
    slug = re.sub(r"[^a-z]", "", name.lower().replace("é", "e"))
    return f"payables@{slug}.example"
