from hypothesis import settings

from autograd.engine import backend, reason

# reproducible wherever it runs, and never judged by the clock
settings.register_profile("valuegrad", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("valuegrad")


def pytest_report_header() -> str:
    return f"valuegrad engine: {backend} ({reason})"
