"""A program as an ES module of JavaScript: see module.py; translation.py has the functions that it needs."""
