-- One row: the moment up to which every stream that the figures need has been read completely. Written after the tables
-- that the marts show, so never newer than they are; moved on by move_data_as_of() when nothing has to be built.
-- depends_on: {{ ref('int_documents_billed') }}
-- depends_on: {{ ref('int_tax') }}
{{ latest_complete_read() }}
