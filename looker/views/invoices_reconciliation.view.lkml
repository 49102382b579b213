# Every document of sevDesk once, to be laid beside sevDesk's own lists.
view: invoices_reconciliation {
  sql_table_name: @{DATABASE}.@{SCHEMA}.invoices_reconciliation ;;
  view_label: "Reconciliation"

  dimension: line_key {
    primary_key: yes
    hidden: yes
    sql: coalesce(cast(${TABLE}.invoice_month as varchar), '') || '/' || ${TABLE}.document_type || '/' || ${TABLE}.status
      || '/' || coalesce(${TABLE}.exclusion_reason, '') ;;
  }
  dimension_group: document {
    type: time
    timeframes: [raw, month, quarter, year]
    datatype: date
    convert_tz: no
    label: "Document"
    description: "Month of the document's date; empty for drafts without one."
    sql: ${TABLE}.invoice_month ;;
  }
  dimension: document_type_name {
    label: "Type"
    description: "Type of the document as sevDesk names it in German."
    sql: ${TABLE}.document_type_name ;;
  }
  dimension: status_name {
    label: "Status"
    description: "Status as sevDesk names it in German."
    sql: ${TABLE}.status_name ;;
  }
  dimension: is_counted {
    type: yesno
    label: "Is counted"
    description: "Whether these documents are part of the invoiced amounts."
    sql: ${TABLE}.is_counted ;;
  }
  dimension: exclusion_reason {
    label: "Not counted because"
    description: "Why they are not; empty if they are."
    sql: ${TABLE}.exclusion_reason ;;
  }

  measure: listed_document_count {
    type: sum
    label: "Documents"
    description: "Number of documents."
    value_format: "#,##0"
    sql: ${TABLE}.document_count ;;
    drill_fields: [line*]
  }
  measure: total_listed_net {
    type: sum
    label: "Net as listed"
    description: "Net sum as sevDesk lists it, signs as delivered."
    value_format_name: euro
    sql: ${TABLE}.listed_net_eur ;;
    drill_fields: [line*]
  }
  measure: total_listed_gross {
    type: sum
    label: "Gross as listed"
    description: "Gross sum, likewise."
    value_format_name: euro
    sql: ${TABLE}.listed_gross_eur ;;
    drill_fields: [line*]
  }
  measure: total_counted_net {
    type: sum
    label: "Net as counted"
    description: "What these documents contribute to the invoiced amounts."
    value_format_name: euro
    sql: ${TABLE}.counted_net_eur ;;
    drill_fields: [line*]
  }
  measure: total_counted_gross {
    type: sum
    label: "Gross as counted"
    description: "Gross sum, likewise."
    value_format_name: euro
    sql: ${TABLE}.counted_gross_eur ;;
    drill_fields: [line*]
  }

  set: line {
    fields: [document_month, document_type_name, status_name, is_counted, exclusion_reason, listed_document_count, total_listed_net, total_counted_net]
  }
}
