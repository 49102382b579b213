# What sevDesk's transaction log books on documents.
view: payments {
  sql_table_name: @{DATABASE}.@{SCHEMA}.payments ;;
  view_label: "Payments"

  dimension: payment_id {
    primary_key: yes
    hidden: yes
    sql: ${TABLE}.payment_id ;;
  }
  dimension_group: booking {
    type: time
    timeframes: [raw, date, month, quarter, year]
    datatype: date
    convert_tz: no
    label: "Booking"
    description: "Day of the booking."
    sql: ${TABLE}.payment_date ;;
  }
  dimension: kind {
    label: "Kind"
    description: "payment: money moved on an account. write_off: the document was settled without money."
    sql: ${TABLE}.kind ;;
  }
  dimension: document_source {
    label: "Booked on"
    description: "invoice, credit_note or voucher (an income voucher)."
    sql: ${TABLE}.document_source ;;
  }
  dimension: number {
    label: "Document number"
    description: "Number on the document."
    sql: ${TABLE}.number ;;
  }
  dimension: customer_name {
    label: "Customer"
    description: "Name of the customer."
    required_access_grants: [customer_names]
    sql: ${TABLE}.customer_name ;;
  }
  dimension: days_after_invoice {
    type: number
    label: "Days after the invoice"
    description: "Days from the document's date to the booking."
    sql: ${TABLE}.days_after_invoice ;;
  }

  measure: payment_count {
    type: count_distinct
    label: "Bookings"
    description: "Number of bookings."
    value_format: "#,##0"
    sql: ${payment_id} ;;
    drill_fields: [booking*]
  }
  measure: total_received {
    type: sum
    label: "Money received"
    description: "What came in on accounts, less what was paid back."
    value_format_name: euro
    sql: case when ${TABLE}.kind = 'payment' then ${TABLE}.amount_eur else 0 end ;;
    drill_fields: [booking*]
  }
  measure: total_written_off {
    type: sum
    label: "Written off"
    description: "Settled without money: Skonto, bad debts, set off."
    value_format_name: euro
    sql: case when ${TABLE}.kind = 'write_off' then ${TABLE}.amount_eur else 0 end ;;
    drill_fields: [booking*]
  }

  set: booking {
    fields: [booking_date, number, customer_name, kind, days_after_invoice, total_received, total_written_off]
  }
}
