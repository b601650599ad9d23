"""Superset 6.1.0 on Python 3.13, for which neither numpy 1 nor pandas 2.1 has a wheel.

Import it before Superset. On older Pythons, with the versions that Superset pins, it changes nothing.
"""

import numpy
from pandas.compat import _optional

# Superset names both while it loads; numpy 2 has them under these names only.
if not hasattr(numpy, "product"):
    numpy.product = numpy.prod
    numpy.NaN = numpy.nan
# pandas 2.2 uses SQLAlchemy from version 2 on; what Superset asks of it works with Superset's 1.4.
_optional.VERSIONS["sqlalchemy"] = "1.4.54"
