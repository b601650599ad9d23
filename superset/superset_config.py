"""Superset's configuration, read from its environment; found by name on PYTHONPATH."""

import copy
import os

from superset.config import TALISMAN_CONFIG as STOCK_TALISMAN_CONFIG  # which imports this file as its last step
from superset_basemap import tiles

SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_DATABASE_URI"]
SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
# A database that was away is found again by the next request.
SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True}

# One store for both: the REST call that invalidates a dataset's answers deletes their keys from CACHE_CONFIG, while
# charts keep them in DATA_CACHE_CONFIG. Files, so that every worker sees the same.
CACHE_CONFIG = {
    "CACHE_TYPE": "FileSystemCache",
    "CACHE_DIR": os.environ["SUPERSET_CACHE_DIR"],
    "CACHE_THRESHOLD": 20_000,
    "CACHE_DEFAULT_TIMEOUT": 24 * 60 * 60,  # seconds
    "CACHE_KEY_PREFIX": "superset_",
}
DATA_CACHE_CONFIG = CACHE_CONFIG
# Without it, invalidating a dataset finds no key to delete, and answers 201.
STORE_CACHE_KEYS_IN_METADATA_DB = True

# The map of North America that the charts' points stand on: from this server, without internet or a token.
BLUEPRINTS = [tiles]
DECKGL_BASE_MAP = [["tile:///basemap/{z}/{x}/{y}.png", "North America"]]

# Every page asks a host of Scarf for a picture, to be counted; the switch for that works only where Superset is built.
# So the browser is told not to load pictures from anywhere else.
TALISMAN_CONFIG = copy.deepcopy(STOCK_TALISMAN_CONFIG)
TALISMAN_CONFIG["content_security_policy"]["img-src"] = ["'self'", "blob:", "data:"]
