-- What is set aside because it cannot be read, classified or converted. All else is published; correct these in
-- sevDesk, and they count with the next run.
{{ config(severity='warn') }}

select
    document_source,
    number,
    sevdesk_id,
    reason
from {{ ref('int_documents_in_question') }}
