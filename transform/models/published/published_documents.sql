{{ publish('int_documents_billed') }}
