"""The one query behind the report: what it needs of every mart, as rows of one shape under each other."""

import re

# The streams that the figures come from. A test compares them with the lineage of the report's marts.
NEEDED = ("invoices", "credit_notes", "contacts", "contact_addresses", "static_countries")
CUSTOMERS_SHOWN = 10
OTHERS = CUSTOMERS_SHOWN + 1

_AMOUNT = "numeric(18, 2)"
TEXTS = {
    "label": "varchar",
    "code": "varchar",
    "year": "bigint",
    "position": "bigint",
    "documents": "bigint",
    "net": _AMOUNT,
    "gross": _AMOUNT,
    "open_documents": "bigint",
    "open": _AMOUNT,
    "counted_net": _AMOUNT,
    "counted_gross": _AMOUNT,
    "status": "varchar",
    "status_name": "varchar",
    "reason": "varchar",
    "complete": "boolean",
    "count_agrees": "boolean",
    "seen": "bigint",
    "expected": "bigint",
}
INSTANTS = ("data_as_of", "full_as_of")


def _part(name: str, source: str, **columns: str) -> str:
    """Return the SELECT of one part; `columns` are SQL expressions by column, NULL those not given.

    All but the instants arrive as text: of an amount dbt's JSON would make a float.
    """
    texts = [
        f"cast(cast({columns.get(column, 'null')} as {kind}) as varchar) as {column}"
        for column, kind in TEXTS.items()
    ]
    instants = [f"cast({columns.get(column, 'null')} as timestamptz) as {column}" for column in INSTANTS]
    return f"select '{name}' as part, {', '.join([*texts, *instants])}\nfrom {source}"


def _ranking(name: str, mart: str, label: str) -> str:
    return _part(
        name,
        f"{{{{ ref('{mart}') }}}}",
        label=label,
        code="country_code",
        position="rank_overall",
        documents="document_count",
        net="total_net_eur",
        gross="total_gross_eur",
    )


# One query, because each `dbt show` starts dbt anew.
QUERY = "\nunion all\n".join([
    _part(
        "total",
        "{{ ref('invoices_summary') }}",
        documents="count(*)",
        net="coalesce(sum(net_eur), 0)",
        gross="coalesce(sum(gross_eur), 0)",
        open_documents="count(case when open_eur <> 0 then 1 end)",
        open="coalesce(sum(open_eur), 0)",
        data_as_of="max(data_as_of)",
    ),
    _ranking("city", "invoices_amount_by_city", "city"),
    _ranking("country", "invoices_amount_by_country", "country_name"),
    _part(
        "month",
        "{{ ref('invoices_monthly') }} group by invoice_month",
        label="left(cast(invoice_month as varchar), 7)",
        documents="sum(document_count)",
        net="sum(total_net_eur)",
        gross="sum(total_gross_eur)",
    ),
    # the long tail is added up in the warehouse: a report needs no list of all customers' names
    _part(
        "customer",
        f"""(
          select *,
            least({OTHERS}, row_number() over (order by total_net_eur desc, customer_name, customer_id))
              as place
          from {{{{ ref('customers_revenue') }}}}
        ) as customers group by place""",  # noqa: S608 - a number of our own
        label=f"case when place = {OTHERS} then cast(count(*) as varchar) else max(customer_name) end",
        position="place",
        documents="sum(document_count)",
        net="sum(total_net_eur)",
        gross="sum(total_gross_eur)",
        open="sum(open_eur)",
    ),
    _part(
        "owed",
        "{{ ref('receivables_ageing') }} group by bucket",
        label="bucket",
        position="max(bucket_order)",
        open_documents="count(*)",
        open="sum(open_eur)",
    ),
    _part(
        "listed",
        """{{ ref('invoices_reconciliation') }}
        group by extract(year from invoice_month), document_type, status, exclusion_reason""",
        label="max(document_type_name)",
        code="document_type",
        year="extract(year from invoice_month)",
        status="status",
        status_name="max(status_name)",
        reason="exclusion_reason",
        documents="sum(document_count)",
        net="sum(listed_net_eur)",
        gross="sum(listed_gross_eur)",
        counted_net="sum(counted_net_eur)",
        counted_gross="sum(counted_gross_eur)",
    ),
    _part(
        "stream",
        f"{{{{ ref('pipeline_status') }}}} where stream in {NEEDED} or not count_agrees",
        label="stream",
        complete="last_read_is_complete",
        count_agrees="count_agrees",
        seen="distinct_records",
        expected="total_after",
        data_as_of="data_as_of",
        full_as_of="last_full_read_at",
    ),
])  # fmt: skip

MARTS_READ = sorted(set(re.findall(r"ref\('(\w+)'\)", QUERY)))
