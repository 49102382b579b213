# What is open by how long it is overdue. The amounts are those of invoices_summary, to which this is joined.
view: receivables_ageing {
  sql_table_name: @{DATABASE}.@{SCHEMA}.receivables_ageing ;;

  dimension: document_id {
    primary_key: yes
    hidden: yes
    sql: ${TABLE}.document_id ;;
  }
  dimension: bucket {
    label: "Overdue by"
    description: "Not due, 1-30, 31-60, 61-90 or over 90 days past the due date; credit notes that nothing has taken up are not due. Empty if nothing is open."
    order_by_field: bucket_order
    sql: ${TABLE}.bucket ;;
  }
  dimension: bucket_order {
    type: number
    hidden: yes
    sql: ${TABLE}.bucket_order ;;
  }
}
