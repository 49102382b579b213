select
    document_source,
    sevdesk_id,
    number,
    document_type,
    status,
    date_sent,
    net_sent,
    gross_sent,
    currency_sent,
    reason_code,
    reason
from {{ ref('documents_in_question') }}
