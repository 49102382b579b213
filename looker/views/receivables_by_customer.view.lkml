# Who owes. Today, whatever dates are filtered elsewhere.
view: receivables_by_customer {
  sql_table_name: @{DATABASE}.@{SCHEMA}.receivables_by_customer ;;
  view_label: "Receivables by customer"

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
  dimension_group: oldest_due {
    type: time
    timeframes: [raw, date, month, quarter, year]
    datatype: date
    convert_tz: no
    label: "Oldest due"
    description: "Due date of the oldest open invoice."
    sql: ${TABLE}.oldest_due_date ;;
  }
  dimension: days_overdue {
    type: number
    label: "Days overdue"
    description: "How long the oldest overdue invoice is overdue; 0 if none is."
    sql: ${TABLE}.days_overdue ;;
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
    description: "Number of customers with something open."
    value_format: "#,##0"
    sql: ${customer_id} ;;
    drill_fields: [customer*]
  }
  measure: total_open_by_customer {
    type: sum
    label: "Open"
    description: "Still to be paid, after payments and the credit notes set against the invoices."
    value_format_name: euro
    sql: ${TABLE}.open_eur ;;
    drill_fields: [customer*]
  }
  measure: total_overdue_by_customer {
    type: sum
    label: "Overdue"
    description: "Of that, past its due date."
    value_format_name: euro
    sql: ${TABLE}.overdue_eur ;;
    drill_fields: [customer*]
  }
  measure: total_credit_notes {
    type: sum
    label: "Open credit notes"
    description: "Credit notes that no invoice has taken up; negative, as we owe them."
    value_format_name: euro
    sql: ${TABLE}.credit_notes_eur ;;
    drill_fields: [customer*]
  }
  measure: total_balance {
    type: sum
    label: "Balance"
    description: "Open less open credit notes."
    value_format_name: euro
    sql: ${TABLE}.balance_eur ;;
    drill_fields: [customer*]
  }

  set: customer {
    fields: [customer_name, total_open_by_customer, total_overdue_by_customer, total_credit_notes, total_balance, days_overdue]
  }
}
