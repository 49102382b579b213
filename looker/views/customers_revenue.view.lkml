# One row per customer over all years. For a period use the explore of the invoiced amounts.
view: customers_revenue {
  sql_table_name: @{DATABASE}.@{SCHEMA}.customers_revenue ;;
  view_label: "Customers"

  dimension: customer_id {
    primary_key: yes
    hidden: yes
    sql: ${TABLE}.customer_id ;;
  }
  dimension: customer_name {
    label: "Customer"
    description: "Name of the customer."
    required_access_grants: [customer_names]
    sql: ${TABLE}.customer_name ;;
  }
  dimension_group: first_invoice {
    type: time
    timeframes: [raw, date, month, quarter, year]
    datatype: date
    convert_tz: no
    label: "First document"
    description: "Date of the first document."
    sql: ${TABLE}.first_invoice_date ;;
  }
  dimension_group: last_invoice {
    type: time
    timeframes: [raw, date, month, quarter, year]
    datatype: date
    convert_tz: no
    label: "Latest document"
    description: "Date of the latest document."
    sql: ${TABLE}.last_invoice_date ;;
  }
  dimension: average_days_to_pay {
    type: number
    label: "Days to pay"
    description: "Mean number of days from invoice date to payment, over the paid invoices of the customer."
    sql: ${TABLE}.average_days_to_pay ;;
  }

  measure: customer_count {
    type: count_distinct
    label: "Customers"
    description: "Number of customers, those of whom everything was cancelled included."
    value_format: "#,##0"
    sql: ${customer_id} ;;
    drill_fields: [customer*]
  }
  measure: total_net_by_customer {
    type: sum
    label: "Net, all years"
    description: "Invoiced amount without VAT over all years."
    value_format_name: euro
    sql: ${TABLE}.total_net_eur ;;
    drill_fields: [customer*]
  }
  measure: total_gross_by_customer {
    type: sum
    label: "Gross, all years"
    description: "Invoiced amount with VAT over all years."
    value_format_name: euro
    sql: ${TABLE}.total_gross_eur ;;
    drill_fields: [customer*]
  }
  measure: total_cash_discount_by_customer {
    type: sum
    label: "Skonto and differences, all years"
    description: "Not paid on invoices that are closed all the same."
    value_format_name: euro
    sql: ${TABLE}.cash_discount_eur ;;
    drill_fields: [customer*]
  }

  set: customer {
    fields: [customer_name, total_net_by_customer, total_gross_by_customer, average_days_to_pay, last_invoice_date]
  }
}
