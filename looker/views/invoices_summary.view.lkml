view: invoices_summary {
  sql_table_name: @{DATABASE}.@{SCHEMA}.invoices_summary ;;
  view_label: "Invoiced amounts"

  dimension: document_id {
    primary_key: yes
    hidden: yes
    sql: ${TABLE}.document_id ;;
  }

  # The document

  dimension: number {
    label: "Document number"
    description: "Number on the document, such as RE-1000."
    sql: ${TABLE}.number ;;
  }
  dimension: document_class {
    label: "Document class"
    description: "Invoice, partial (Teilrechnung), advance (Abschlagsrechnung), final (Schlussrechnung), cancellation (Stornorechnung) or credit_note (Gutschrift)."
    sql: ${TABLE}.document_class ;;
  }
  dimension: status_name {
    label: "Status"
    description: "Open, partly paid or paid, as sevDesk has it. Paid includes cancelled documents that nobody paid."
    sql: ${TABLE}.status_name ;;
  }
  dimension: is_cancelled {
    type: yesno
    label: "Is cancelled"
    description: "Taken back whole, or takes another document back whole. The sum over such a group is zero; choose No to leave both sides out."
    sql: ${TABLE}.is_cancelled ;;
  }

  # Dates: the literal calendar date on the document, in no time zone

  dimension_group: invoice {
    type: time
    timeframes: [raw, date, month, month_name, quarter, year]
    datatype: date
    convert_tz: no
    label: "Invoice"
    description: "Date on the document; of a cancellation or credit note its own. It decides the month an amount belongs to."
    sql: ${TABLE}.invoice_date ;;
  }
  dimension_group: delivery {
    type: time
    timeframes: [raw, date, month]
    datatype: date
    convert_tz: no
    label: "Delivery"
    description: "Date of delivery or service, the one that decides the VAT period (Soll-Versteuerung)."
    sql: ${TABLE}.delivery_date ;;
  }
  dimension_group: due {
    type: time
    timeframes: [raw, date, month]
    datatype: date
    convert_tz: no
    label: "Due"
    description: "When the invoice was or is to be paid. Empty for cancellations and credit notes."
    sql: ${TABLE}.due_date ;;
  }
  dimension_group: payment {
    type: time
    timeframes: [raw, date, month]
    datatype: date
    convert_tz: no
    label: "Payment"
    description: "When it was paid in full, as noted in sevDesk."
    sql: ${TABLE}.pay_date ;;
  }

  # Customer and place

  dimension: customer_name {
    label: "Customer"
    description: "The contact's name today; else the name on the document; else Unknown."
    sql: ${TABLE}.customer_name ;;
  }
  dimension: city {
    label: "City"
    description: "City of the customer's address on the document, one name for all its spellings. Unknown if none was found."
    sql: ${TABLE}.city ;;
  }
  dimension: city_source {
    label: "City found in"
    description: "Where the city was found: document (its city field), address text (a line like 12345 Ort), contact, unknown."
    sql: ${TABLE}.city_source ;;
  }
  dimension: country_code {
    hidden: yes
    sql: ${TABLE}.country_code ;;
  }
  dimension: country_name {
    label: "Country"
    description: "Name of the country as sevDesk writes it, in German. Unknown if none was found."
    sql: ${TABLE}.country_name ;;
  }

  # Payment

  dimension: days_overdue {
    type: number
    label: "Days overdue"
    description: "Days since the due date, if something is still open; else 0."
    sql: ${TABLE}.days_overdue ;;
  }
  dimension: dunning_level {
    type: number
    label: "Reminders sent"
    description: "Number of reminders (Mahnungen) sent, 0 to 3."
    sql: ${TABLE}.dunning_level ;;
  }
  dimension: currency {
    label: "Document currency"
    description: "Currency of the document. All amounts here are in the currency of the books."
    sql: ${TABLE}.currency ;;
  }
  dimension: fx_source {
    label: "Exchange rate from"
    description: "home: no conversion; sevdesk: the amount sevDesk booked; ecb: converted with the ECB's rate of that day or the last one before."
    sql: ${TABLE}.fx_source ;;
  }

  # Sums over documents; cancellations and credit notes count negative

  measure: document_count {
    type: count_distinct
    label: "Documents"
    description: "Number of documents, cancellations and credit notes included."
    value_format: "#,##0"
    sql: ${document_id} ;;
    drill_fields: [document*]
  }
  measure: total_net {
    type: sum
    label: "Net"
    description: "Invoiced amount without VAT, after discounts, less cancellations and credit notes."
    value_format_name: euro
    sql: ${TABLE}.net_eur ;;
    drill_fields: [document*]
  }
  measure: total_tax {
    type: sum
    label: "VAT"
    description: "Value added tax (Umsatzsteuer) on the invoiced amount."
    value_format_name: euro
    sql: ${TABLE}.tax_eur ;;
    drill_fields: [document*]
  }
  measure: total_gross {
    type: sum
    label: "Gross"
    description: "Invoiced amount with VAT, the sum at the bottom of the document (Rechnungsbetrag), less cancellations and credit notes."
    value_format_name: euro
    sql: ${TABLE}.gross_eur ;;
    drill_fields: [document*]
  }
  measure: total_net_revenue {
    type: sum
    label: "Net revenue"
    description: "Net, but without advance invoices if the dbt variable advance_invoices_are_revenue says they are none yet."
    value_format_name: euro
    sql: ${TABLE}.net_revenue_eur ;;
    drill_fields: [document*]
  }
  measure: total_paid {
    type: sum
    label: "Paid"
    description: "What has been paid on invoices so far."
    value_format_name: euro
    sql: ${TABLE}.paid_eur ;;
    drill_fields: [document*]
  }
  measure: total_open {
    type: sum
    label: "Open"
    description: "Still to be paid: gross less paid, of open and partly paid invoices that are not cancelled. Today's state, whatever the invoice date."
    value_format_name: euro
    sql: ${TABLE}.open_eur ;;
    drill_fields: [document*]
  }
  measure: total_cash_discount {
    type: sum
    label: "Skonto and differences"
    description: "Not paid on invoices that are closed all the same: Skonto, bank charges, small differences. Not deducted from net or gross."
    value_format_name: euro
    sql: ${TABLE}.cash_discount_eur ;;
    drill_fields: [document*]
  }
  measure: data_as_of {
    type: string
    label: "Data as of"
    description: "The figures hold everything that was in sevDesk at this moment (German time)."
    sql: to_char(convert_timezone('@{TIME_ZONE}', max(${TABLE}.data_as_of)), 'DD.MM.YYYY HH24:MI') ;;
  }

  set: document {
    fields: [number, invoice_date, document_class, status_name, customer_name, city, country_name, total_net, total_tax, total_gross, total_open]
  }
}
