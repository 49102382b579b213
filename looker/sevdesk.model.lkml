connection: "@{CONNECTION}"
label: "sevDesk"

include: "/views/*.view"
include: "/dashboards/*.dashboard.lookml"

# The separators follow each user's number format in Looker; with the German one 1234.5 reads 1.234,50 €.
named_value_format: euro {
  value_format: "#,##0.00 \"€\""
}
named_value_format: percent {
  value_format: "0.00 \"%\""
}

# Results are kept until newer data have arrived.
datagroup: new_data {
  label: "Newer data"
  description: "The moment up to which the figures are complete has moved."
  sql_trigger: select max(data_as_of) from @{DATABASE}.@{SCHEMA}.invoices_summary ;;
  max_cache_age: "24 hours"
}

# A read that fails leaves the data as they are, but must show at once.
datagroup: new_read {
  label: "Another read"
  description: "sevDesk has been read again, completely or not."
  sql_trigger: select max(last_read_started_at) from @{DATABASE}.@{SCHEMA}.pipeline_status ;;
  max_cache_age: "1 hour"
}

# Each join finds at most one row and brings no measure: sums stay plain sums over documents, exact to the cent.
explore: invoices_summary {
  label: "Invoiced amounts"
  description: "Every document that counts as billed, with its amounts, place, customer and what is still open."
  persist_with: new_data

  join: receivables_ageing {
    view_label: "Open receivables"
    type: left_outer
    relationship: one_to_one
    sql_on: ${invoices_summary.document_id} = ${receivables_ageing.document_id} ;;
  }
  join: invoices_amount_by_city {
    view_label: "Ranking of cities, all years"
    type: left_outer
    relationship: many_to_one
    sql_on: ${invoices_summary.country_code} = ${invoices_amount_by_city.country_code}
      and ${invoices_summary.city} = ${invoices_amount_by_city.city} ;;
  }
  join: invoices_amount_by_country {
    view_label: "Ranking of countries, all years"
    type: left_outer
    relationship: many_to_one
    sql_on: ${invoices_summary.country_code} = ${invoices_amount_by_country.country_code} ;;
  }
}

explore: pipeline_status {
  label: "Completeness of the data"
  description: "Up to when each list has been read from sevDesk, and whether all of it arrived."
  persist_with: new_read
}
