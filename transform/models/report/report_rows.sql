{{ rows_of([
    'report_status',
    'report_documents',
    'report_listed',
    'report_streams',
    'report_receivables',
    'report_documents_in_question',
    'report_income_vouchers',
    'report_final_invoices',
]) }}
