{{ publish('int_documents_in_question') }}
