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

# Who may see customers by name: users whose attribute `sevdesk_customer_names` is `yes`. All others get the same totals.
access_grant: customer_names {
  user_attribute: sevdesk_customer_names
  allowed_values: ["yes"]
}

# A result is kept for an hour. No trigger: it would ask the warehouse every few minutes, and so never let it sleep.
datagroup: an_hour {
  label: "An hour"
  description: "Results are kept for an hour, as sevDesk is read once an hour."
  max_cache_age: "1 hour"
}
persist_with: an_hour

# The join finds at most one row and brings no measure: sums stay plain sums over documents, exact to the cent.
explore: invoices_summary {
  label: "Invoiced amounts"
  description: "Every document that counts as billed, with its amounts, place, customer and what is still open."

  join: receivables_ageing {
    view_label: "Open receivables"
    type: left_outer
    relationship: one_to_one
    sql_on: ${invoices_summary.document_id} = ${receivables_ageing.document_id} ;;
  }
}

explore: receivables_by_customer {
  label: "Receivables by customer"
  description: "Who owes, since when, and which credit notes stand against it. Today's state."
  required_access_grants: [customer_names]
}

explore: customers_revenue {
  label: "Customers"
  description: "Invoiced amounts and payment habits of each customer over all years."
  required_access_grants: [customer_names]
}

explore: payments {
  label: "Payments"
  description: "Money received, apart from what was written off, by day, document and customer."
}

explore: income_vouchers {
  label: "Income vouchers"
  description: "Income booked by voucher: beside the invoiced amounts, never part of them."
}

explore: orders_pipeline {
  label: "Orders"
  description: "Offers and order confirmations and what has become of them."
}

explore: invoices_tax {
  label: "VAT"
  description: "Net amounts and VAT by tax rule and rate, by month of the service or of the document."
}

explore: invoices_reconciliation {
  label: "Reconciliation"
  description: "Every document of sevDesk once, counted or not and why, to lay beside sevDesk's own lists."
}

explore: documents_in_question {
  label: "Documents in question"
  description: "Documents in no total, because they cannot be read, classified or converted."
}

explore: pipeline_status {
  label: "Completeness of the data"
  description: "Up to when each list has been read from sevDesk, and whether all of it arrived."
}
