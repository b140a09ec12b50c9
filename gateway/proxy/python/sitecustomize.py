"""
Lets Python clients of the vendor's APIs trust this cloud's certificates: a directory for PYTHONPATH.

The vendor's SDKs for Python verify the servers they reach through a proxy by the certificates of the package certifi
alone, and read neither SSL_CERT_FILE nor REQUESTS_CA_BUNDLE for them. So certifi, when a program loads it, is led to
the bundle that SSL_CERT_FILE names, which holds the usual authorities as well. Nothing else changes; nothing is loaded
that the program does not load itself. Another sitecustomize, which this one hides, runs as it would have.
"""

import importlib.machinery
import importlib.util
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))


class _CertifiFinder:
    """Finds certifi where Python would, and changes its answer once it has been loaded."""

    def find_spec(self, name, path=None, target=None):
        if name != "certifi":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_lead(module):
                load(module)
                bundle = os.environ.get("SSL_CERT_FILE")
                if bundle and os.path.exists(bundle):
                    module.where = lambda: bundle

            spec.loader.exec_module = load_and_lead
        return spec


def _run_hidden_sitecustomize():
    elsewhere = [entry for entry in sys.path if os.path.abspath(entry) != _here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


sys.meta_path.insert(0, _CertifiFinder())
_run_hidden_sitecustomize()
