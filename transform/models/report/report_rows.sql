{{ rows_of([
    'report_status',
    'report_documents',
    'report_listed',
    'report_streams',
    'report_final_invoices',
    'report_documents_in_question',
]) }}
