# Income that is booked by voucher and not by invoice.
view: income_vouchers {
  sql_table_name: @{DATABASE}.@{SCHEMA}.income_vouchers ;;
  view_label: "Income vouchers"

  dimension: voucher_id {
    primary_key: yes
    hidden: yes
    sql: ${TABLE}.voucher_id ;;
  }
  dimension_group: voucher {
    type: time
    timeframes: [raw, date, month, quarter, year]
    datatype: date
    convert_tz: no
    label: "Voucher"
    description: "Date on the voucher."
    sql: ${TABLE}.voucher_date ;;
  }
  dimension: number {
    label: "Voucher number"
    description: "Number of the voucher."
    sql: ${TABLE}.number ;;
  }
  dimension: customer_name {
    label: "Customer"
    description: "Name of the customer."
    required_access_grants: [customer_names]
    sql: ${TABLE}.customer_name ;;
  }
  dimension: status_name {
    label: "Status"
    description: "Open, partly paid or paid."
    sql: ${TABLE}.status_name ;;
  }

  measure: voucher_count {
    type: count_distinct
    label: "Vouchers"
    description: "Number of income vouchers."
    value_format: "#,##0"
    sql: ${voucher_id} ;;
    drill_fields: [voucher*]
  }
  measure: total_voucher_net {
    type: sum
    label: "Net by voucher"
    description: "Income booked by voucher, without VAT. It stands beside the invoiced amount and is no part of it."
    value_format_name: euro
    sql: ${TABLE}.net_eur ;;
    drill_fields: [voucher*]
  }
  measure: total_voucher_gross {
    type: sum
    label: "Gross by voucher"
    description: "The same with VAT."
    value_format_name: euro
    sql: ${TABLE}.gross_eur ;;
    drill_fields: [voucher*]
  }

  set: voucher {
    fields: [voucher_date, number, customer_name, status_name, total_voucher_net, total_voucher_gross]
  }
}
