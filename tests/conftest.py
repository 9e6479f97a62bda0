from hypothesis import settings

# reproducible wherever it runs, and never judged by the clock
settings.register_profile("valuegrad", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("valuegrad")
