-- Amounts of every invoice and credit note in home currency, signed as sevDesk delivered them.
{{ in_home_currency(ref('int_documents_listed')) }}
