"""What /metrics answers, as Prometheus reads it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families


def parsed(octets):
    """Samples by name and labels, as Prometheus reads them."""
    found = {}
    for family in text_string_to_metric_families(octets.decode()):
        assert family.documentation
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def value(found, name, **labels):
    return found[f"smsenc_gateway_{name}", frozenset(labels.items())]
