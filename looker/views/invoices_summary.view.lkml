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
    description: "Date of delivery, or first day of the service."
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
    description: "The contact's name today, of a contact person the firm's; else the name on the document; else Unknown."
    required_access_grants: [customer_names]
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
  dimension: country_source {
    label: "Country found in"
    description: "Where the country was found: document, address text, contact, city (known by its name), home country (assumed), unknown."
    sql: ${TABLE}.country_source ;;
  }
  dimension: country_map {
    label: "Country on the map"
    description: "Country by its ISO code, for maps. Sum by this or by the name."
    map_layer_name: countries
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
    label: "Net revenue (accounting)"
    description: "Net, but with the dbt variable advance_invoices_are_revenue false advance invoices count when the final invoice settles them."
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
    description: "Still to be paid: gross less paid and credited, of open and partly paid invoices that are not cancelled, less open credit notes. Today's state, whatever the invoice date."
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
  # What is put in proportion

  measure: invoice_count {
    type: count_distinct
    label: "Invoices"
    description: "Number of invoices that were not cancelled; no cancellations and credit notes."
    value_format: "#,##0"
    sql: case when ${TABLE}.due_date is not null and not ${TABLE}.is_cancelled then ${TABLE}.document_id end ;;
    drill_fields: [document*]
  }
  measure: total_net_of_invoices {
    type: sum
    label: "Net of invoices"
    description: "Net amount of the invoices that were not cancelled, before credit notes."
    value_format_name: euro
    sql: case when ${TABLE}.due_date is not null and not ${TABLE}.is_cancelled then ${TABLE}.net_eur else 0 end ;;
    drill_fields: [document*]
  }
  measure: average_invoice {
    type: number
    label: "Average invoice"
    description: "Net amount of an invoice on average, cancelled ones and credit notes left out."
    value_format_name: euro
    sql: ${total_net_of_invoices} / nullif(${invoice_count}, 0) ;;
    drill_fields: [document*]
  }
  measure: total_overdue {
    type: sum
    label: "Overdue"
    description: "What is still to be paid and past its due date."
    value_format_name: euro
    sql: case when ${TABLE}.days_overdue > 0 then ${TABLE}.open_eur else 0 end ;;
    drill_fields: [document*]
  }
  measure: overdue_share {
    type: number
    label: "Overdue share"
    description: "Share of the open amount that is past its due date."
    value_format_name: percent
    sql: 100 * ${total_overdue} / nullif(${total_open}, 0) ;;
    drill_fields: [document*]
  }
  measure: total_gross_last_90_days {
    type: sum
    label: "Gross, last 90 days"
    description: "Gross amount of the documents of the last 90 days before data as of."
    value_format_name: euro
    sql: case when datediff('day', ${TABLE}.invoice_date, cast(convert_timezone('@{TIME_ZONE}', ${TABLE}.data_as_of) as date)) between 0 and 89 then ${TABLE}.gross_eur else 0 end ;;
    drill_fields: [document*]
  }
  measure: days_sales_outstanding {
    type: number
    label: "Days sales outstanding"
    description: "How many days of invoicing are still to be paid: 90 x open / gross of the last 90 days. Do not filter by invoice date."
    value_format: "#,##0"
    sql: 90 * ${total_open} / nullif(${total_gross_last_90_days}, 0) ;;
    drill_fields: [document*]
  }
  measure: total_uncertain_net {
    type: sum
    label: "Net that depends on final invoices"
    description: "By how much net would be lower if the sums of final invoices repeat what was billed before. Zero once the dbt variable final_invoice_amounts is set."
    value_format_name: euro
    sql: ${TABLE}.uncertain_net_eur ;;
    drill_fields: [document*]
  }

  # Like with like: up to the day of data as of, each against the same days of the period before. Choose no invoice date.

  dimension: as_of_day {
    type: number
    hidden: yes
    sql: extract(month from cast(convert_timezone('@{TIME_ZONE}', ${TABLE}.data_as_of) as date)) * 100 + extract(day from cast(convert_timezone('@{TIME_ZONE}', ${TABLE}.data_as_of) as date)) ;;
  }
  dimension: as_of_year {
    type: number
    hidden: yes
    sql: extract(year from cast(convert_timezone('@{TIME_ZONE}', ${TABLE}.data_as_of) as date)) ;;
  }
  measure: net_this_year {
    type: sum
    label: "Net, this year to date"
    description: "Net amount of this year up to the day of data as of."
    value_format_name: euro
    sql: case when extract(year from ${TABLE}.invoice_date) = ${as_of_year}
      and (extract(month from ${TABLE}.invoice_date) * 100 + extract(day from ${TABLE}.invoice_date)) <= ${as_of_day}
      then ${TABLE}.net_eur else 0 end ;;
    drill_fields: [document*]
  }
  measure: net_last_year_same_days {
    type: sum
    label: "Net, last year to the same day"
    description: "Net amount of last year up to the same day."
    value_format_name: euro
    sql: case when extract(year from ${TABLE}.invoice_date) = ${as_of_year} - 1
      and (extract(month from ${TABLE}.invoice_date) * 100 + extract(day from ${TABLE}.invoice_date)) <= ${as_of_day}
      then ${TABLE}.net_eur else 0 end ;;
    drill_fields: [document*]
  }
  measure: net_this_month {
    type: sum
    label: "Net, this month to date"
    description: "Net amount of this month up to the day of data as of."
    value_format_name: euro
    sql: case when extract(year from ${TABLE}.invoice_date) = ${as_of_year}
      and extract(month from ${TABLE}.invoice_date) = extract(month from cast(convert_timezone('@{TIME_ZONE}', ${TABLE}.data_as_of) as date))
      and (extract(month from ${TABLE}.invoice_date) * 100 + extract(day from ${TABLE}.invoice_date)) <= ${as_of_day}
      then ${TABLE}.net_eur else 0 end ;;
    drill_fields: [document*]
  }
  measure: net_last_year_month {
    type: sum
    label: "Net, the same days of the month last year"
    description: "Net amount of the same month last year up to the same day."
    value_format_name: euro
    sql: case when extract(year from ${TABLE}.invoice_date) = ${as_of_year} - 1
      and extract(month from ${TABLE}.invoice_date) = extract(month from cast(convert_timezone('@{TIME_ZONE}', ${TABLE}.data_as_of) as date))
      and (extract(month from ${TABLE}.invoice_date) * 100 + extract(day from ${TABLE}.invoice_date)) <= ${as_of_day}
      then ${TABLE}.net_eur else 0 end ;;
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
