# Documents that are set aside until they can be read. No key: an unreadable row may have no id.
view: documents_in_question {
  sql_table_name: @{DATABASE}.@{SCHEMA}.documents_in_question ;;
  view_label: "Documents in question"

  dimension: document_source {
    label: "Found in"
    description: "invoice, credit_note, voucher, order; payment on one; a line of one; unreadable row."
    sql: ${TABLE}.document_source ;;
  }
  dimension: number {
    label: "Document number"
    description: "Number on the document."
    sql: ${TABLE}.number ;;
  }
  dimension: document_type {
    label: "Type"
    description: "sevDesk's code as sent."
    sql: ${TABLE}.document_type ;;
  }
  dimension: date_sent {
    label: "Date as sent"
    description: "The document's date as sevDesk sent it."
    sql: ${TABLE}.date_sent ;;
  }
  dimension: gross_sent {
    label: "Gross as sent"
    description: "The gross amount as sevDesk sent it; it may be no number."
    sql: ${TABLE}.gross_sent ;;
  }
  dimension: currency_sent {
    label: "Currency as sent"
    description: "The currency as sevDesk sent it."
    sql: ${TABLE}.currency_sent ;;
  }
  dimension: reason {
    label: "What is wrong"
    description: "Why the document is in no total, in a sentence."
    sql: ${TABLE}.reason ;;
  }

  measure: question_count {
    type: count
    label: "Documents in question"
    description: "Number of documents, payments and lines that are in no total because they cannot be read, classified or converted."
    value_format: "#,##0"
    drill_fields: [document_source, number, date_sent, gross_sent, reason]
  }
}
