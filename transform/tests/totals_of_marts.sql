-- The sums of the marts and of the page's models equal those of what they are made of, to the cent.
{{ config(meta={'dagster': {'ref': {'name': 'invoices_summary'}}}) }}

{{ differing_totals(
    'customers_revenue',
    'invoices_summary',
    {
        'total_net_eur': 'net_eur', 'total_gross_eur': 'gross_eur', 'open_eur': 'open_eur',
        'cash_discount_eur': 'cash_discount_eur'
    }
) }}
union all
{{ differing_totals(
    'final_invoices',
    'invoices_summary',
    {'uncertain_net_eur': 'uncertain_net_eur', 'uncertain_gross_eur': 'uncertain_gross_eur'}
) }}
union all
{{ differing_totals(
    'invoices_amount_by_city',
    'invoices_summary',
    {'total_net_eur': 'net_eur', 'total_gross_eur': 'gross_eur'}
) }}
union all
{{ differing_totals(
    'invoices_amount_by_city_yearly',
    'invoices_summary',
    {'total_net_eur': 'net_eur', 'total_gross_eur': 'gross_eur'}
) }}
union all
{{ differing_totals(
    'invoices_amount_by_country',
    'invoices_summary',
    {'total_net_eur': 'net_eur', 'total_gross_eur': 'gross_eur'}
) }}
union all
{{ differing_totals(
    'invoices_amount_by_country_yearly',
    'invoices_summary',
    {'total_net_eur': 'net_eur', 'total_gross_eur': 'gross_eur'}
) }}
union all
{{ differing_totals(
    'invoices_monthly',
    'invoices_summary',
    {'total_net_eur': 'net_eur', 'total_gross_eur': 'gross_eur', 'total_tax_eur': 'tax_eur'}
) }}
union all
{{ differing_totals(
    'invoices_tax',
    'invoices_summary',
    {'net_eur': 'net_eur', 'tax_eur': 'tax_eur', 'gross_eur': 'gross_eur'}
) }}
union all
{{ differing_totals('receivables_ageing', 'invoices_summary', {'open_eur': 'open_eur'}) }}
union all
{{ differing_totals('receivables_by_customer', 'invoices_summary', {'balance_eur': 'open_eur'}) }}
union all
{{ differing_totals(
    'report_documents',
    'invoices_summary',
    {'net_eur': 'net_eur', 'gross_eur': 'gross_eur', 'open_eur': 'open_eur'}
) }}
union all
{{ differing_totals(
    'report_income_vouchers',
    'income_vouchers',
    {'net_eur': 'net_eur', 'gross_eur': 'gross_eur'}
) }}
union all
{{ differing_totals(
    'report_listed',
    'invoices_reconciliation',
    {'listed_net_eur': 'listed_net_eur', 'counted_net_eur': 'counted_net_eur'}
) }}
union all
{{ differing_totals(
    'report_receivables',
    'receivables_by_customer',
    {'open_eur': 'open_eur', 'balance_eur': 'balance_eur'}
) }}
