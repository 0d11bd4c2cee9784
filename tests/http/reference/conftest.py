"""The campus of the reference's examples."""

import pytest

from tests.http.conftest import Installation
from tests.http.reference.campus import Campus


@pytest.fixture
async def campus(installation: Installation) -> Campus:
    campus = Campus(installation)
    await campus.build()
    return campus
