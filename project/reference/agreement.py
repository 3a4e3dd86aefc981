"""The reference of agreement measures."""

from __future__ import annotations

from annotations.enums import DecisionChoice, ReasonCode
from annotations.metrics.agreement import METRICS
from project.reference.markdown import code, code_list, heading, page, table


def agreement_page() -> str:
    """Return the page of all figures in the agreement report, with definitions and sources."""
    return page(
        "Agreement",
        "What `corpora/{slug}/agreement/` answers is made of counts that were frozen when the last "
        "independent set of an article was submitted. Articles, labels and pairs are pooled by adding, "
        "never by averaging figures. Where a figure is null, `reasons` says why.",
        table(
            ("Part", "Figure", "Meaning", "From to", "Null where", "Source"),
            (
                (
                    row.section,
                    code(row.name),
                    f"{row.title}. {row.definition}",
                    row.range,
                    row.not_available,
                    row.source,
                )
                for row in METRICS
            ),
        ),
        heading("Differences that are settled"),
        f"A difference between the sets is settled by one of {code_list(DecisionChoice)}, "
        f"for one of the reasons {code_list(ReasonCode)}.",
    )
