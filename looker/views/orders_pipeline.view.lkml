# Offers and order confirmations on their way to an invoice.
view: orders_pipeline {
  sql_table_name: @{DATABASE}.@{SCHEMA}.orders_pipeline ;;
  view_label: "Orders"

  dimension: order_id {
    primary_key: yes
    hidden: yes
    sql: ${TABLE}.order_id ;;
  }
  dimension_group: order {
    type: time
    timeframes: [raw, date, month, quarter, year]
    datatype: date
    convert_tz: no
    label: "Order"
    description: "Date on the document."
    sql: ${TABLE}.order_date ;;
  }
  dimension: number {
    label: "Order number"
    description: "Number on the document."
    sql: ${TABLE}.number ;;
  }
  dimension: order_type_name {
    label: "Type"
    description: "Offer or order confirmation."
    sql: ${TABLE}.order_type_name ;;
  }
  dimension: status_name {
    label: "Status"
    description: "Sent, rejected, accepted, partly invoiced, invoiced."
    sql: ${TABLE}.status_name ;;
  }
  dimension: is_open {
    type: yesno
    label: "Is open"
    description: "It may still become an invoice."
    sql: ${TABLE}.is_open ;;
  }
  dimension: customer_name {
    label: "Customer"
    description: "Name of the customer."
    required_access_grants: [customer_names]
    sql: ${TABLE}.customer_name ;;
  }

  measure: order_count {
    type: count_distinct
    label: "Orders"
    description: "Number of offers and confirmations."
    value_format: "#,##0"
    sql: ${order_id} ;;
    drill_fields: [order*]
  }
  measure: total_order_net {
    type: sum
    label: "Net ordered"
    description: "Net amount of the offers and confirmations."
    value_format_name: euro
    sql: ${TABLE}.net_eur ;;
    drill_fields: [order*]
  }

  set: order {
    fields: [order_date, number, order_type_name, status_name, customer_name, total_order_net]
  }
}
