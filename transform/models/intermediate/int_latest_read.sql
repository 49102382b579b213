-- One row: the moment up to which every stream that the figures need has been read completely, by the latest reads that
-- brought news. Written after the tables that the marts show, so never newer than they are.
-- depends_on: {{ ref('int_documents_billed') }}
-- depends_on: {{ ref('int_tax') }}
{{ latest_complete_read() }}
