select
    questions.document_source,
    questions.sevdesk_id,
    questions.number,
    questions.document_type,
    questions.status,
    questions.date_sent,
    questions.net_sent,
    questions.gross_sent,
    questions.currency_sent,
    questions.reason_code,
    questions.reason,
    as_of.data_as_of
from {{ ref('published_questions') }} as questions
cross join {{ ref('int_data_as_of') }} as as_of
