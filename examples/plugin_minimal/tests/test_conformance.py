from pathlib import Path

from openbroker.testing import AdapterConformance


class TestPaisaHouse(AdapterConformance):
    adapter = "paisa_house"
    cases = Path(__file__).parent / "cases"
