- dashboard: invoiced_amounts
  title: Invoiced amounts
  description: "Invoiced amounts from sevDesk by city, country and month, and what is still open."
  layout: newspaper
  preferred_viewer: dashboards-next

  filters:
  - name: Invoice date
    title: Invoice date
    type: field_filter
    model: sevdesk
    explore: invoices_summary
    field: invoices_summary.invoice_date
    default_value: ""
    allow_multiple_values: true
    required: false
  - name: Country
    title: Country
    type: field_filter
    model: sevdesk
    explore: invoices_summary
    field: invoices_summary.country_name
    default_value: ""
    allow_multiple_values: true
    required: false
  - name: Document class
    title: Document class
    type: field_filter
    model: sevdesk
    explore: invoices_summary
    field: invoices_summary.document_class
    default_value: ""
    allow_multiple_values: true
    required: false

  elements:
  - name: data_as_of
    title: Data as of
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.data_as_of]
    note_display: hover
    note_text: "The figures hold everything that was in sevDesk at this moment (German time)."
    row: 0
    col: 0
    width: 6
    height: 3

  - name: total_net
    title: Net
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.total_net]
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    note_display: hover
    note_text: "Invoiced amount without VAT: issued invoices less cancellations and credit notes."
    row: 0
    col: 6
    width: 6
    height: 3

  - name: total_gross
    title: Gross
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.total_gross]
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    note_display: hover
    note_text: "The same with VAT (Rechnungsbetrag)."
    row: 0
    col: 12
    width: 6
    height: 3

  - name: average_invoice
    title: Average invoice
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.average_invoice]
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    note_display: hover
    note_text: "Net amount of an invoice on average; cancelled ones and credit notes are left out."
    row: 0
    col: 18
    width: 6
    height: 3

  - name: this_year
    title: This year to date, net
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.net_this_year, invoices_summary.net_last_year_same_days]
    show_comparison: true
    comparison_type: change
    show_comparison_label: true
    comparison_label: against the same days last year
    listen:
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    note_display: hover
    note_text: "Up to the day of data as of, against last year up to the same day. The filter by date does not apply."
    row: 3
    col: 0
    width: 6
    height: 3

  - name: this_month
    title: This month to date, net
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.net_this_month, invoices_summary.net_last_year_month]
    show_comparison: true
    comparison_type: change
    show_comparison_label: true
    comparison_label: against the same days last year
    listen:
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    note_display: hover
    note_text: "Up to the day of data as of, against the same days of the month last year. The filter by date does not apply."
    row: 3
    col: 6
    width: 6
    height: 3

  - name: total_open
    title: Open
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.total_open, invoices_summary.overdue_share]
    show_comparison: true
    comparison_type: value
    show_comparison_label: true
    comparison_label: overdue
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    note_display: hover
    note_text: "What customers still owe today on the invoices chosen above, less open credit notes, and how much of it is overdue."
    row: 3
    col: 12
    width: 6
    height: 3

  - name: days_sales_outstanding
    title: Days sales outstanding
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.days_sales_outstanding]
    listen:
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    note_display: hover
    note_text: "How many days of invoicing are still to be paid: 90 x open / gross of the last 90 days. The filter by date does not apply."
    row: 3
    col: 18
    width: 6
    height: 3

  - name: by_city
    title: Ranking by city
    model: sevdesk
    explore: invoices_summary
    type: looker_grid
    fields: [invoices_summary.city, invoices_summary.country_name, invoices_summary.total_net, invoices_summary.total_gross, invoices_summary.document_count]
    sorts: [invoices_summary.total_net desc]
    limit: 500
    total: true
    show_row_numbers: true
    show_view_names: false
    series_cell_visualizations:
      invoices_summary.total_net: {is_active: true}
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    row: 6
    col: 0
    width: 14
    height: 10

  - name: by_country
    title: Ranking by country
    model: sevdesk
    explore: invoices_summary
    type: looker_grid
    fields: [invoices_summary.country_name, invoices_summary.total_net, invoices_summary.total_gross, invoices_summary.document_count]
    sorts: [invoices_summary.total_net desc]
    limit: 500
    total: true
    show_row_numbers: true
    show_view_names: false
    series_cell_visualizations:
      invoices_summary.total_net: {is_active: true}
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    row: 6
    col: 14
    width: 10
    height: 10

  - name: by_month
    title: Net by month
    model: sevdesk
    explore: invoices_summary
    type: looker_column
    fields: [invoices_summary.invoice_month, invoices_summary.total_net]
    fill_fields: [invoices_summary.invoice_month]
    sorts: [invoices_summary.invoice_month]
    limit: 500
    show_view_names: false
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    row: 16
    col: 0
    width: 14
    height: 8

  - name: country_map
    title: Net on the map
    model: sevdesk
    explore: invoices_summary
    type: looker_geo_choropleth
    fields: [invoices_summary.country_map, invoices_summary.total_net]
    limit: 500
    map: auto
    show_view_names: false
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    row: 16
    col: 14
    width: 10
    height: 8

  - name: open_receivables
    title: Open receivables by age
    model: sevdesk
    explore: invoices_summary
    type: looker_grid
    fields: [receivables_ageing.bucket, invoices_summary.total_open, invoices_summary.document_count]
    filters:
      receivables_ageing.bucket: "-NULL"
    sorts: [receivables_ageing.bucket]
    limit: 500
    total: true
    show_view_names: false
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    row: 24
    col: 0
    width: 10
    height: 8

  - name: receivables_by_customer
    title: Receivables by customer
    model: sevdesk
    explore: receivables_by_customer
    type: looker_grid
    fields: [receivables_by_customer.customer_name, receivables_by_customer.total_open_by_customer, receivables_by_customer.total_overdue_by_customer, receivables_by_customer.total_credit_notes, receivables_by_customer.days_overdue]
    sorts: [receivables_by_customer.total_open_by_customer desc]
    limit: 500
    total: true
    show_row_numbers: true
    show_view_names: false
    series_cell_visualizations:
      receivables_by_customer.total_open_by_customer: {is_active: true}
    note_display: hover
    note_text: "Who owes today, whatever is filtered above."
    row: 24
    col: 10
    width: 14
    height: 8

  - name: money_received
    title: Money received by month
    model: sevdesk
    explore: payments
    type: looker_column
    fields: [payments.booking_month, payments.total_received, payments.total_written_off]
    fill_fields: [payments.booking_month]
    sorts: [payments.booking_month]
    limit: 500
    show_view_names: false
    note_display: hover
    note_text: "What sevDesk's transaction log booked on accounts, apart from what was written off."
    row: 32
    col: 0
    width: 14
    height: 8

  - name: income_vouchers
    title: Income by voucher, net, by year
    model: sevdesk
    explore: income_vouchers
    type: looker_grid
    fields: [income_vouchers.voucher_year, income_vouchers.total_voucher_net, income_vouchers.voucher_count]
    sorts: [income_vouchers.voucher_year desc]
    limit: 500
    total: true
    show_view_names: false
    note_display: hover
    note_text: "Income booked by voucher. It stands beside the invoiced amounts and is no part of them."
    row: 32
    col: 14
    width: 10
    height: 8

  - name: uncertain_net
    title: Net that depends on final invoices
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.total_uncertain_net]
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    note_display: hover
    note_text: "By how much net would be lower if the sums of final invoices repeat what was billed before. The dbt variable final_invoice_amounts settles it."
    row: 40
    col: 0
    width: 6
    height: 6

  - name: questions
    title: Documents in question
    model: sevdesk
    explore: documents_in_question
    type: looker_grid
    fields: [documents_in_question.number, documents_in_question.document_source, documents_in_question.date_sent, documents_in_question.gross_sent, documents_in_question.reason, documents_in_question.question_count]
    sorts: [documents_in_question.number]
    limit: 500
    total: true
    show_view_names: false
    note_display: hover
    note_text: "Documents that are in no total, because they cannot be read, classified or converted."
    row: 40
    col: 6
    width: 18
    height: 6

  - name: incomplete_lists
    title: Incomplete lists
    model: sevdesk
    explore: pipeline_status
    type: single_value
    fields: [pipeline_status.incomplete_stream_count]
    enable_conditional_formatting: true
    conditional_formatting:
    - {type: greater than, value: 0, background_color: "#b4472f", font_color: "#ffffff"}
    note_display: hover
    note_text: "0 means that nothing is missing as of the time shown."
    row: 46
    col: 0
    width: 6
    height: 6

  - name: completeness
    title: Completeness
    model: sevdesk
    explore: pipeline_status
    type: looker_grid
    fields: [pipeline_status.stream, pipeline_status.data_as_of, pipeline_status.last_full_read, pipeline_status.is_complete]
    sorts: [pipeline_status.is_complete, pipeline_status.stream]
    limit: 500
    show_view_names: false
    row: 46
    col: 6
    width: 18
    height: 6
